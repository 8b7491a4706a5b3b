import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import { random } from '@vqkit/core';
import { createLpipsMeter } from '@vqkit/metrics';
import { createUpscaler } from '@vqkit/sr';
import * as photo from '@vqkit/weights-photo';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../tooling/shared-data.ts';
import { tinyWeights } from '../../tooling/tiny-sr-weights.ts';
import { compareHalfSize } from './half-size.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

it.skipIf(lacks(lpips))(
  `compares a photo coded whole with one coded at half its size and enlarged, at the same bytes${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const backend = await onnx();
    const tools = {
      codec: await createCodec(photo, { backend }),
      upscaler: await createUpscaler(await tinyWeights(), { backend }),
      meter: await createLpipsMeter(backend, dataPath(lpips), { backbone: 'squeeze' }),
    };
    const [width, height] = [203, 180];
    const stream = random(1);
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return 128 + 90 * Math.sin((pixel % width) / 9) * Math.cos(Math.floor(pixel / width) / 7) + 20 * stream.next();
    });
    const image = { data, width, height, channels: 3 };
    const { fullSize, superResolution, bicubic, pixels } = await compareHalfSize(image, 1024, tools);
    expect(pixels).toBe(width * height);
    expect(fullSize!.bytes).toBeLessThanOrEqual(superResolution.bytes);
    expect(bicubic.bytes).toBe(superResolution.bytes);
    // Untrained: what it makes is far from the photo, what the codec and bicubic make is not.
    expect(superResolution.psnr).toBeLessThan(bicubic.psnr);
    expect(fullSize!.psnr).toBeGreaterThan(15);
    expect((await compareHalfSize(image, 8, tools)).fullSize).toBeUndefined();
    for (const tool of Object.values(tools)) tool.dispose();
    backend.dispose();
  },
);
