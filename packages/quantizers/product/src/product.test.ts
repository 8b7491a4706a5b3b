import {
  concat,
  cpu,
  disposeTree,
  matmul,
  mean,
  random,
  split,
  square,
  sub,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import { ema } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { fsq } from '@vqkit/quantizer-fsq';
import { vq } from '@vqkit/quantizer-vq';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { learnRotation } from './learn-rotation.ts';
import { decompose } from './orthogonal.ts';
import { product } from './product.ts';
import { startParts } from './start-parts.ts';

const backend = cpu();
const runner = { describe, it, afterAll, backends: backendsUnderTest() };
const derivatives = { commitment: ['z'], codebook: ['params'] } as const;

describeQuantizer('product of 3 codebooks', {
  ...runner,
  derivatives,
  create: () => product({ codes: 5, dimension: 2, start: 'normal' }, { parts: 3 }),
});
describeQuantizer('product of EMA codebooks, rotated', {
  ...runner,
  derivatives: { commitment: ['z'] },
  create: () =>
    product(vq({ codes: 5, dimension: 2, start: 'normal', codebook: ema() }), { parts: 2, isRotated: true }),
  // A rotation other than the identity.
  params: (quantizer, on, seed) => tidy(() => ({ ...quantizer.init(on, seed), rotation: rotationOf(on, 4) })),
});
describeQuantizer('product of finite scalar quantizers', {
  ...runner,
  create: () => product(fsq({ levels: [3, 4] }), { parts: 2 }),
  surrogate: (z: Tensor) => {
    const [a, b] = split(z, [2, 2]) as [Tensor, Tensor];
    return concat([fsq({ levels: [3, 4] }).bound(a), fsq({ levels: [3, 4] }).bound(b)], -1);
  },
  isSeeded: false,
});

function rotationOf(on: ReturnType<typeof cpu>, size: number): Tensor {
  const { u } = decompose({ size, values: Float64Array.from(random(7).normalArray(size * size)) });
  return tensor(on, Float32Array.from(u.values), [size, size]);
}

it('quantizes each part by its own book: the example by hand', () => {
  const quantizer = product({ codes: 2, dimension: 1 }, { parts: 2 });
  const book = (...codes: number[]) => quantizer.part.withCodebook(tensor(backend, codes, [2, 1]));
  const params = { parts: [book(0, 1), book(10, 20)] };
  const z = tensor(backend, [0.9, 11, 0.2, 19], [1, 1, 2, 2]);
  const { quantized, indices, losses } = quantizer.quantize(params, z);
  expect([...indices.dataSync()]).toEqual([1, 0, 0, 1]);
  expect([...quantized.dataSync()]).toEqual([1, 10, 0, 20]);
  // Mean over all four values: (0.01 + 1 + 0.04 + 1)/4, weighted by 0.25.
  expect(losses.commitment!.dataSync()[0]).toBeCloseTo((0.25 * 2.05) / 4, 6);
});

it('has as many codes as the product of the books, at the sum of their bits', () => {
  const quantizer = product(fsq({ levels: [4, 4] }), { parts: 3 });
  expect(quantizer.codebookSizes).toEqual([16, 16, 16]);
  expect(quantizer.bitsPerPosition).toBe(12);
  expect(quantizer.dimension).toBe(6);
});

/** Vectors whose variance sits in two directions across the parts. */
function stretched(count: number): Tensor {
  const latent = random(3).normal(backend, [count, 4]);
  const scales = tensor(backend, [3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0.1], [4, 4]);
  return matmul(matmul(latent, scales), rotationOf(backend, 4));
}

describe('learnRotation', () => {
  const options = { parts: 2, isRotated: true };

  it('lowers the error with every turn, and far below that of plain product quantization', async () => {
    const vectors = stretched(600);
    const rotated = product({ codes: 16, dimension: 2 }, options);
    const fromNothing = await learnRotation(rotated, vectors, { start: 'identity', iterations: 15 });
    fromNothing.errors
      .slice(1)
      .forEach((error, i) => expect(error).toBeLessThanOrEqual(fromNothing.errors[i]! * 1.0001));
    const plain = await learnRotation(product({ codes: 16, dimension: 2 }, { parts: 2 }), vectors);
    const fromAxes = await learnRotation(rotated, vectors);
    expect(fromNothing.errors.at(-1)).toBeLessThan(plain.errors.at(-1)!);
    expect(fromAxes.errors.at(-1)).toBeLessThan(0.5 * plain.errors.at(-1)!);
  });

  it('returns an orthogonal rotation and parameters that fit the quantizer', async () => {
    const quantizer = product({ codes: 4, dimension: 2 }, options);
    const { params } = await learnRotation(quantizer, stretched(200), { iterations: 3 });
    const square = matmul(params.rotation!, params.rotation!, { transposeB: true }).dataSync();
    square.forEach((x, at) => expect(x).toBeCloseTo(at % 5 === 0 ? 1 : 0, 5));
    const z = random(1).normal(backend, [1, 2, 2, 4]);
    expect(quantizer.quantize(params, z).indices.shape).toEqual([1, 2, 2, 2]);
  });

  it('gives the same result for the same seed, leaves nothing behind, and can be stopped', async () => {
    const own = cpu();
    const vectors = random(2).normal(own, [100, 4]);
    const quantizer = product({ codes: 4, dimension: 2 }, options);
    const before = own.memory().tensors;
    const runs = [];
    for (let i = 0; i < 2; i++) runs.push(await learnRotation(quantizer, vectors, { seed: 5, iterations: 2 }));
    expect(runs[0]!.errors).toEqual(runs[1]!.errors);
    for (const { params } of runs) {
      params.rotation!.dispose();
      for (const { codebook } of params.parts) codebook.dispose();
    }
    expect(own.memory().tensors).toBe(before);
    await expect(learnRotation(quantizer, vectors, { signal: AbortSignal.abort() })).rejects.toThrow();
    await expect(learnRotation(quantizer, random(1).normal(own, [9, 3]))).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
  });
});

it('refuses impossible options', () => {
  expect(() => product({ codes: 2, dimension: 1 }, { parts: 0 })).toThrow(/parts/);
});

it('starts the codebooks of all parts by k-means', async () => {
  const own = cpu();
  const z = random(1).normal(own, [1, 10, 10, 4], 3);
  const quantizer = product({ codes: 8, dimension: 2 }, { parts: 2, isRotated: true });
  const params = await startParts(quantizer, z, { seed: 1 });
  const { quantized } = quantizer.quantize(params, z);
  const error = mean(square(sub(quantized, z))).dataSync()[0]!;
  expect(error).toBeLessThan(0.3); // 8 means for a normal plane
  disposeTree([params, z]);
  await expect(startParts(quantizer, random(1).normal(own, [9, 3]))).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
});
