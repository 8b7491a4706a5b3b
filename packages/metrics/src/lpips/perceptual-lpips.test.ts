import { onnx } from '@vqkit/backend-onnx';
import { disposeTree } from '@vqkit/core';
import { type Raster, toTensor, toUnitRange } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { msSsim } from '../ssim/ms-ssim.ts';
import { dataPath, lacks, syntheticPair } from '../testing/data.ts';
import { createLpipsMeter } from './lpips-meter.ts';
import { perceptualLpips } from './perceptual-lpips.ts';

const file = 'weights/lpips_squeeze_v0.1.safetensors';

describe.skipIf(lacks(file))('perceptualLpips (squeeze)', () => {
  it('is LPIPS, and half of what MS-SSIM lacks where images are large enough for that', async () => {
    const backend = await onnx();
    const perceptual = await perceptualLpips(backend, dataPath(file), { backbone: 'squeeze' });
    const meter = await createLpipsMeter(backend, dataPath(file), { backbone: 'squeeze' });
    for (const [width, height] of [
      [161, 170],
      [160, 170],
    ] as const) {
      const { a, b } = syntheticPair(width, height);
      const [p, q] = [a, b].map((image) => toUnitRange(toTensor(backend, [{ ...image, channels: 3 } as Raster])));
      const found = perceptual.distance(perceptual.params, p!, q!);
      const shapes = width < 161 ? 0 : 0.5 * (1 - msSsim(a, b));
      expect((await found.data())[0]).toBeCloseTo((await meter.measure(a, b)) + shapes, 4);
      disposeTree([p!, q!, found]);
    }
    meter.dispose();
    perceptual.dispose();
    backend.dispose();
  });
});
