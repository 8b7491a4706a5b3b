/**
 * Drawings, screenshots, text, line art, gradients and noise through the default codec: their colours stay sensible. What
 * is asked of the default weights is 3 of 255 for the mean of each channel; `larger` lists what these weights cannot do, measured
 * and rounded up by 1 to 2 of 255: with `ph-2` gradients and pure colours left it, while checkerboards, noise and line art came in or got worse. Pictures of one colour: `photo-weights.test.ts`.
 */
import { onnx } from '@vqkit/backend-onnx';
import * as photo from '@vqkit/weights-photo';
import { expect, it } from 'vitest';
import { createCodec } from './codec.ts';
import { drawings } from './testing/drawings.ts';

/** How far the mean of a channel may be off where that is more than 3 of 255. */
const larger: Readonly<Record<string, number>> = {
  drawing: 6,
  screenshot: 8,
  'dark screenshot': 10,
  'small text': 9,
  'large text': 8,
  'line art': 7,
  'magenta in a photo': 5,
  'coarse checkerboard': 17,
  'fine checkerboard': 37,
  'grey noise': 15,
  'colour noise': 20,
};

it('comes back in colours whose means are near', async () => {
  const backend = await onnx();
  using codec = await createCodec(photo, { backend });
  for (const [name, drawn] of Object.entries(drawings)) {
    const original = drawn();
    const bytes = await codec.encode(original);
    const { image } = await codec.decode(bytes, { channels: 3 });
    const sums = [0, 0, 0];
    image.data.forEach((value, i) => {
      sums[i % 3]! += value - original.data[i]!;
    });
    const off = Math.max(...sums.map((sum) => Math.abs(sum) / original.width / original.height));
    expect({ name, off }).toEqual({ name, off: expect.toSatisfy((value) => value <= (larger[name] ?? 3)) });
  }
  backend.dispose();
});
