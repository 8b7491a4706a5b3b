import { readFile } from 'node:fs/promises';
import { onnx } from '@vqkit/backend-onnx';
import { cpu, mean, square, sub } from '@vqkit/core';
import * as photo from '@vqkit/weights-photo';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Codec, createCodec } from './codec.ts';
import { tinyWeights } from './testing/tiny-weights.ts';

const [width, height] = [80, 64];
const data = Uint8Array.from(
  { length: width * height * 3 },
  (_, i) => 128 + 90 * Math.sin(i / 57) * Math.cos(i / 4000),
);
const image = { data, width, height };

/** Stands for LPIPS. */
const perceptual = {
  params: [],
  minimumSize: 1,
  distance: (_: unknown, a: Parameters<typeof sub>[0], b: Parameters<typeof sub>[0]) =>
    mean(square(sub(a, b)), { axes: [1, 2, 3] }),
};

describe('effort', () => {
  let codec: Codec;
  beforeAll(async () => {
    codec = await createCodec(await tinyWeights(), { backend: cpu(), perceptual });
  });
  const errorOf = async (bytes: Uint8Array): Promise<number> => {
    const restored = (await codec.decode(bytes)).image.data;
    return data.reduce(
      (sum, value, i) => sum + Math.abs(value - restored[i]!) / 127.5 + ((value - restored[i]!) / 127.5) ** 2,
      0,
    );
  };

  it('makes files that restore better, and that every decoder reads', async () => {
    const errors = [];
    for (const effort of [0, 1, 2]) errors.push(await errorOf(await codec.encode(image, { effort })));
    expect(errors[1]).toBeLessThan(errors[0]!);
    expect(errors[2]).toBeLessThanOrEqual(errors[1]! * 1.0001);
    expect(await codec.encode(image, { effort: 0 })).toEqual(await codec.encode(image));
  });

  it('never goes above the size asked for', async () => {
    const [least, most] = [(await codec.encode(image, { codebookSize: 4 })).length, (await codec.encode(image)).length];
    for (let maxBytes = least; maxBytes <= most + 3; maxBytes++) {
      expect((await codec.encode(image, { effort: 1, maxBytes })).length).toBeLessThanOrEqual(maxBytes);
    }
  });

  it('keeps to a codebook that was asked for, and shows progress of all its steps', async () => {
    const progress: number[] = [];
    await codec.encode(image, {
      effort: 1,
      codebookSize: 4,
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect([progress[0], progress.at(-1)]).toEqual([0, 1]);
    expect(progress.length).toBeGreaterThan(4);
  });

  it('refuses other numbers, and looks for a loss', async () => {
    for (const effort of [-1, 4, 0.5, Number.NaN, '2' as never, null as never]) {
      await expect(codec.encode(image, { effort })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
    const without = await createCodec(await tinyWeights(), { backend: cpu() });
    await expect(without.encode(image, { effort: 1 })).rejects.toMatchObject({ code: 'PERCEPTUAL_MISSING' });
  });
});

it('fills files under a limit with effort as without, and restores photos better', async () => {
  const sample = new URL('../../cli/samples/kodim23.png', import.meta.url);
  const [width, height] = [320, 256];
  const part = sharp(await readFile(sample)).extract({ left: 200, top: 80, width, height });
  const data = new Uint8Array(await part.raw().toBuffer());
  const backend = await onnx();
  const codec = await createCodec(photo, { backend, perceptual });
  const errors = [0, 0];
  for (const maxBytes of [200, 260, 330]) {
    for (const effort of [0, 1]) {
      const bytes = await codec.encode({ data, width, height }, { effort, maxBytes });
      expect(bytes.length).toBeLessThanOrEqual(maxBytes);
      expect(bytes.length).toBeGreaterThan(0.96 * maxBytes);
      const restored = (await codec.decode(bytes)).image.data;
      errors[effort]! += data.reduce((sum, value, i) => sum + Math.abs(value - restored[i]!), 0) / data.length;
    }
  }
  expect(errors[1]).toBeLessThan(0.99 * errors[0]!);
  codec.dispose();
  backend.dispose();
});
