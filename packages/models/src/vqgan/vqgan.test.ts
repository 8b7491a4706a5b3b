import { compile, cpu, mean, random, square, sub, tensorsOf, valueAndGrad } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { vqgan } from './vqgan.ts';

const small = { dimension: 8, channels: 8, multipliers: [1, 2], blocks: 1, groups: 4 };

describe('vqgan', () => {
  it('has the published number of parameters in its default configuration', () => {
    // taming-transformers prints 29.30 M and 42.45 M for encoder and decoder, and 65,792 for each 1×1 convolution.
    const { encoder, decoder } = vqgan().init(cpu(), 1);
    const count = (tree: unknown): number => tensorsOf(tree).reduce((sum, x) => sum + x.size, 0);
    expect(count(encoder) / 1e6).toBeCloseTo(29.3 + 0.0658, 1);
    expect(count(decoder) / 1e6).toBeCloseTo(42.45 + 0.0658, 1);
  });

  it('maps images to positions and back', () => {
    const backend = cpu();
    const model = vqgan(small);
    const params = model.init(backend, 1);
    const z = model.encode(params.encoder, random(1).uniform(backend, [2, 8, 12, 3]));
    expect(model.scale).toBe(2);
    expect(z.shape).toEqual([2, 4, 6, 8]);
    expect(model.decode(params.decoder, z).shape).toEqual([2, 8, 12, 3]);
  });

  it('gives the same gradients compiled and eager', () => {
    const backend = cpu();
    const model = vqgan(small);
    const params = model.init(backend, 1);
    const x = random(2).uniform(backend, [1, 8, 8, 3]);
    const loss = (p: typeof params, image: typeof x) =>
      mean(square(sub(model.decode(p.decoder, model.encode(p.encoder, image)), image)));
    const step = valueAndGrad(loss);
    const eager = tensorsOf(step(params, x).gradients);
    const compiled = tensorsOf(compile(step)(params, x).gradients);
    expect(eager.some((g) => g.dataSync().some((v) => v !== 0))).toBe(true);
    eager.forEach((g, i) => expect(compiled[i]!.dataSync()).toEqual(g.dataSync()));
  });

  it('leaks nothing', async () => {
    const backend = cpu();
    const model = vqgan(small);
    await checkLeaks(backend, () => {
      const params = model.init(backend, 1);
      const x = random(2).uniform(backend, [1, 8, 8, 3]);
      const z = model.encode(params.encoder, x);
      return { params, x, z, xHat: model.decode(params.decoder, z) };
    });
  });
});
