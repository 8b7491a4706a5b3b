/** Measuring whole images: golden values through onnxruntime, tiles that change nothing, and clear errors. */

import { onnx } from '@vqkit/backend-onnx';
import type { Backend } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dataPath, lacks, syntheticPair, torchRand } from '../testing/data.ts';
import { basicsrPair, quarterAndBack, skimageReference } from '../testing/golden.ts';
import { drawNetwork, drawVector, toFile } from '../testing/seeded-networks.ts';
import { lpipsBackbones } from './lpips.ts';
import { createLpipsMeter, type LpipsMeter } from './lpips-meter.ts';

const squeezeFile = 'weights/lpips_squeeze_v0.1.safetensors';
let backend: Backend;
beforeAll(async () => {
  backend = await onnx();
});
afterAll(() => backend.dispose());

const squeeze = (tileSize?: number): Promise<LpipsMeter> =>
  createLpipsMeter(backend, dataPath(squeezeFile), { backbone: 'squeeze', tileSize });

describe.skipIf(lacks(squeezeFile, 'metric-golden/golden.json'))('LpipsMeter (squeeze)', () => {
  it('gives the golden values of whole images', async () => {
    const meter = await squeeze();
    const cases = [
      [await basicsrPair('baboon'), 0.455386],
      [await basicsrPair('comic'), 0.453809],
      [quarterAndBack(await skimageReference('astronaut')), 0.294366],
      [quarterAndBack(await skimageReference('chelsea')), 0.307182],
    ] as const;
    for (const [{ reference, degraded }, expected] of cases) {
      expect(await meter.measure(reference, degraded)).toBeCloseTo(expected, 5);
    }
    meter.dispose();
  });

  it('gives the doctest of torchmetrics: ten random pairs, mean 0.1005', async () => {
    const meter = await squeeze();
    const rand = torchRand(42);
    // torchmetrics draws [10, 3, 100, 100] twice; planes to interleaved
    const draw = (): AnyImage[] =>
      Array.from({ length: 10 }, () => {
        const planes = rand(30_000);
        const data = Float32Array.from({ length: 30_000 }, (_, i) => planes[(i % 3) * 10_000 + Math.floor(i / 3)]!);
        return { data, width: 100, height: 100 };
      });
    const [as, bs] = [draw(), draw()];
    let total = 0;
    for (const [i, a] of as.entries()) total += await meter.measure(a, bs[i]!, { dataRange: 1 });
    expect(total / 10).toBeCloseTo(0.100491, 5);
    meter.dispose();
  });

  it('refuses tiny images, other sizes and bad tiles, and stops when told', async () => {
    const meter = await squeeze();
    const { a, b } = syntheticPair(16, 40);
    await expect(meter.measure(a, b)).rejects.toThrow(/at least 17×17/);
    await expect(meter.measure(a, syntheticPair(40, 16).b)).rejects.toThrow(/images of one size/);
    const large = syntheticPair(20, 20);
    await expect(meter.measure(large.a, large.b, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    await expect(squeeze(31)).rejects.toThrow(/at least 32/);
    meter.dispose();
  });
});

// Windows are 256 pixels and more, so vgg, the slowest, gets two of them along one axis; the others nine.
describe.each([
  ['alex', 333, 317, 40],
  ['squeeze', 333, 317, 40],
  ['vgg', 432, 288, 96],
] as const)('tiles (%s, seeded weights)', (backbone, height, width, tileSize) => {
  it('give what the whole image gives, for colour and for gray', async () => {
    const { convolutions, channels } = lpipsBackbones[backbone];
    const draw = torchRand(9);
    const entries = drawNetwork(draw, convolutions);
    const linear = channels.map((n, i) => drawVector(draw, `lin${i}.weight`, n, 1 / n));
    const file = toFile([...entries, ...linear]);
    const [whole, tiled] = [
      await createLpipsMeter(backend, file, { backbone }),
      await createLpipsMeter(backend, file, { backbone, tileSize }),
    ];
    const { a, b } = syntheticPair(height, width);
    const expected = await whole.measure(a, b);
    const preparations = vi.spyOn(backend, 'compile');
    // 1e-5: float32 features summed in another order
    expect(Math.abs((await tiled.measure(a, b)) / expected - 1)).toBeLessThan(1e-5);
    // All tiles have one size: working memory is that of one tile.
    expect(preparations).toHaveBeenCalledTimes(1);
    preparations.mockRestore();
    const gray = ({ data, width, height }: AnyImage): AnyImage => ({
      width,
      height,
      data: Uint8Array.from(data).filter((_, i) => i % 3 === 0),
    });
    const repeated = (image: AnyImage): AnyImage => ({
      ...image,
      data: Uint8Array.from({ length: image.data.length * 3 }, (_, i) => image.data[Math.floor(i / 3)]!),
    });
    const small = [syntheticPair(40, 50).a, syntheticPair(40, 50).b].map(gray) as [AnyImage, AnyImage];
    expect(await whole.measure(...small)).toBeCloseTo(await whole.measure(repeated(small[0]), repeated(small[1])), 7);
    whole.dispose();
    tiled.dispose();
  });
});
