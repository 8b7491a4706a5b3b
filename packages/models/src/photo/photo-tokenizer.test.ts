import { cpu, mapTree, mean, random, square, sub, tensor, tensorsOf, valueAndGrad, zerosLike } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { photoTokenizer } from './photo-tokenizer.ts';

const small = {
  dimension: 16,
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;

describe('photoTokenizer', () => {
  it.each(['none', 'spaceToChannel'] as const)('stays within its budget of parameters, shortcut: %s', (shortcut) => {
    const backend = cpu();
    const { encoder, decoder } = photoTokenizer({ shortcut }).init(backend, 1);
    const count = (tree: unknown): number => tensorsOf(tree).reduce((sum, x) => sum + x.size, 0);
    expect(count(encoder)).toBeLessThanOrEqual(3_000_000);
    expect(count(decoder)).toBeLessThanOrEqual(7_000_000);
  });

  it('maps images to positions at 1/16 scale and back', () => {
    const backend = cpu();
    const model = photoTokenizer(small);
    const params = model.init(backend, 1);
    const z = model.encode(params.encoder, random(2).uniform(backend, [1, 32, 48, 3], -1, 1));
    expect(z.shape).toEqual([1, 2, 3, 16]);
    expect(model.decode(params.decoder, z).shape).toEqual([1, 32, 48, 3]);
  });

  it('starts the same for the same seed, and differently for another', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => tensorsOf(photoTokenizer(small).init(cpu(), seed))[1]!.dataSync());
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('starts without a grid: a constant latent gives equal pixels away from the border', () => {
    const backend = cpu();
    const model = photoTokenizer(small);
    const params = model.init(backend, 3);
    const z = tensor(backend, new Float32Array(9 * 9 * 16).fill(0.7), [1, 9, 9, 16]);
    const pixels = model.decode(params.decoder, z).dataSync();
    const at = (y: number, x: number): number => pixels[(y * 144 + x) * 3]!;
    for (let i = 0; i < 16; i++) expect(at(64 + i, 64 + ((i * 5) % 16))).toBeCloseTo(at(64, 64), 5);
  });

  it('has gradients everywhere but where branches start at zero', () => {
    const backend = cpu();
    const model = photoTokenizer(small);
    const x = random(4).uniform(backend, [1, 16, 16, 3], -1, 1);
    const params = model.init(backend, 5);
    const step = valueAndGrad((p: typeof params) =>
      mean(square(sub(model.decode(p.decoder, model.encode(p.encoder, x)), x))),
    );
    const lengths = tensorsOf(step(params).gradients).map((g) =>
      Array.from(g.dataSync()).reduce((sum, v) => sum + Math.abs(v), 0),
    );
    // The first convolution of each of the 6 residual branches gets none through a last one that is zero: weight and bias.
    expect(lengths.filter((length) => length === 0).length).toBe(12);
  });

  it('takes shortcuts that add no parameters and let the pixels through', () => {
    const backend = cpu();
    const [plain, short] = [photoTokenizer(small), photoTokenizer({ ...small, shortcut: 'spaceToChannel' })];
    const params = plain.init(backend, 1);
    const x = random(2).uniform(backend, [1, 32, 32, 3], -1, 1);
    const [without, within] = [plain, short].map((model) => model.encode(params.encoder, x).dataSync());
    expect(within).not.toEqual(without);
    const still = mapTree(params, (leaf) => (leaf.rank === 4 && leaf.shape[2] === 16 ? zerosLike(leaf) : leaf));
    // With the convolutions at 1/8 and below silent, only the shortcuts carry anything to the last layer.
    const last = params.encoder.at(-1);
    const encoder = [...still.encoder.slice(0, -1), last] as typeof params.encoder;
    const largest = [plain, short].map((model) => Math.max(...model.encode(encoder, x).dataSync().map(Math.abs)));
    expect(largest[0]).toBe(0);
    expect(largest[1]).toBeGreaterThan(0);
  });

  it('leaks nothing', async () => {
    const backend = cpu();
    const model = photoTokenizer(small);
    await checkLeaks(backend, () => {
      const params = model.init(backend, 1);
      const x = random(2).uniform(backend, [1, 16, 16, 3]);
      const z = model.encode(params.encoder, x);
      return { params, x, z, xHat: model.decode(params.decoder, z) };
    });
  });
});
