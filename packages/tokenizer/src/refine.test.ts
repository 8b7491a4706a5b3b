import { onnx } from '@vqkit/backend-onnx';
import { abs, cpu, mean, square, sub, tensor } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { quantizers, tinyLooc } from '../../../tooling/tiny-looc.ts';
import type { PerceptualLoss } from './index.ts';
import { createTokenizer } from './tokenizer.ts';

const [width, height] = [61, 45];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (128 + 100 * Math.sin(i / 40)) | 0);
const image = { data, width, height };

/** Stands for LPIPS: what is restored is to be like the image in the mean of squares. */
const perceptual: PerceptualLoss = {
  params: [],
  minimumSize: 8,
  distance: (_, a, b) => mean(square(sub(a, b)), { axes: [1, 2, 3] }),
};

describe('refine', () => {
  it('finds indices that restore the image better, the more steps the better, and by any quantizer', async () => {
    for (const backend of [cpu(), await onnx({ threads: 1 })]) {
      const tokenizer = await createTokenizer(await tinyLooc(), { backend, quantizers, perceptual });
      const errorOf = async (map: Awaited<ReturnType<typeof tokenizer.refine>>): Promise<number> => {
        const restored = await tokenizer.decode(map, { width, height });
        const [a, b] = [restored.data, data].map((values) =>
          tensor(
            backend,
            Float32Array.from(values, (v) => v / 127.5),
          ),
        );
        const difference = sub(a!, b!);
        return (await mean(square(difference)).item()) + (await mean(abs(difference)).item());
      };
      const [nearest] = await tokenizer.encode(image);
      const still = await tokenizer.refine(image, { steps: 0 });
      expect(still).toEqual(nearest);
      const errors = [];
      for (const steps of [0, 4, 16]) errors.push(await errorOf(await tokenizer.refine(image, { steps })));
      expect(errors[1]).toBeLessThan(errors[0]!);
      expect(errors[2]).toBeLessThanOrEqual(errors[1]!);
      // what it is judged by: the mean of squares, and twice L1
      const restored = (await tokenizer.decode(nearest!, { width, height })).data;
      const expected = data.reduce((sum, value, i) => {
        const difference = (value - restored[i]!) / 127.5;
        return sum + (2 * Math.abs(difference) + difference ** 2) / data.length;
      }, 0);
      expect((await tokenizer.unlikeness(image, nearest!)) / expected).toBeCloseTo(1, 4);
      expect(await tokenizer.unlikeness(image, await tokenizer.refine(image, { steps: 4 }))).toBeLessThan(expected);
      tokenizer.dispose();
      backend.dispose();
    }
  });

  it('leaves nothing behind, says how far it is, and stops when asked to', async () => {
    const backend = cpu();
    await checkLeaks(backend, async () => {
      const tokenizer = await createTokenizer(await tinyLooc(), { backend, quantizers, perceptual });
      const progress: number[] = [];
      await tokenizer.refine(image, { steps: 3, onProgress: ({ done, total }) => progress.push(done / total) });
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(progress.length).toBeGreaterThanOrEqual(4);
      expect(progress.at(-1)).toBe(1);
      const end = new AbortController();
      const reason = new Error('enough');
      const stopped = tokenizer.refine(image, { steps: 1000, signal: end.signal, onProgress: () => end.abort(reason) });
      await expect(stopped).rejects.toBe(reason);
      tokenizer.dispose();
    });
  });

  it('needs a loss, and steps that are a number', async () => {
    const without = await createTokenizer(await tinyLooc(), { backend: cpu(), quantizers });
    await expect(without.refine(image)).rejects.toMatchObject({ code: 'PERCEPTUAL_MISSING' });
    const [map] = await without.encode(image);
    await expect(without.unlikeness(image, map!)).rejects.toMatchObject({ code: 'PERCEPTUAL_MISSING' });
    for (const steps of [Number.NaN, -1, 1.5, 1001, '3' as never]) {
      await expect(without.refine(image, { steps })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });

  it('compares pictures too small for the loss by L1', async () => {
    const strict = {
      ...perceptual,
      minimumSize: 1000,
      distance: () => {
        throw new Error('not asked');
      },
    };
    const tokenizer = await createTokenizer(await tinyLooc(), { backend: cpu(), quantizers, perceptual: strict });
    await expect(tokenizer.refine(image, { steps: 2 })).resolves.toMatchObject({ codebookSizes: [16, 16, 16, 16] });
  });
});
