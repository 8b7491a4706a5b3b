import { cpu, mul, random, range, reshape, type Tensor, tensor } from '@vqkit/core';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { fsq, recommendedLevels } from './fsq.ts';

const backend = cpu();
const variants = ['lucidrains', 'paper', 'symmetric', 'clamped'] as const;

for (const variant of variants) {
  for (const levels of [[5], [8, 5, 5], [2, 4, 7], Array<number>(8).fill(5)]) {
    const create = () => fsq({ levels, variant });
    describeQuantizer(`fsq [${levels}], ${variant}`, {
      describe,
      it,
      afterAll,
      backends: backendsUnderTest(),
      create,
      surrogate: (z: Tensor) => create().bound(z),
      isSeeded: false,
      step: 2 ** -6,
    });
  }
}

/** All codes of a quantizer in the order of their indices. */
function codesOf(levels: readonly number[]): number[][] {
  const quantizer = fsq({ levels });
  const [count] = quantizer.codebookSizes as [number];
  const codes = quantizer.decode({}, reshape(range(backend, count), [1, 1, count, 1])).dataSync();
  return Array.from({ length: count }, (_, i) => [...codes.slice(i * levels.length, (i + 1) * levels.length)]);
}

it('numbers the codes of the paper’s example, 3 levels in 2 channels, with the first channel fastest', () => {
  expect(codesOf([3, 3])).toEqual([
    [-1, -1],
    [0, -1],
    [1, -1],
    [-1, 0],
    [0, 0],
    [1, 0],
    [-1, 1],
    [0, 1],
    [1, 1],
  ]);
});

it('has several indices where one would have more than 65,536 codes, of consecutive channels and about as many bits', () => {
  const sizes = (...levels: number[]): readonly number[] => fsq({ levels }).codebookSizes;
  expect(sizes(8, 8, 8, 8, 8, 2)).toEqual([65536]);
  expect(sizes(8, 8, 8, 8, 6, 6, 5, 5)).toEqual([4096, 900]);
  expect(sizes(...Array<number>(50).fill(2)).map(Math.log2)).toEqual([12, 13, 12, 13]);
  expect(sizes(65536, 2, 65536)).toEqual([65536, 2, 65536]);
  const quantizer = fsq({ levels: [3, 65536, 2] });
  expect(quantizer.codebookSizes).toEqual([3, 65536, 2]);
  const code = quantizer.decode({}, tensor(backend, Uint32Array.of(2, 65535, 1), [1, 1, 1, 3])).dataSync();
  expect([...code]).toEqual([1, Math.fround(1 - 2 / 65536), 1]);
});

it('places even numbers of levels from −1 to one step below 1', () => {
  expect(codesOf([4]).flat()).toEqual([-1, -0.5, 0, 0.5]);
});

it('rounds as computed by hand', () => {
  // 5 levels: 2.002·tanh(0.4) = 0.761 → level 1 of −2 … 2 → code 1/2, digit 3.
  const { quantized, indices } = fsq({ levels: [5] }).quantize({}, tensor(backend, [0.4], [1, 1, 1, 1]));
  expect(quantized.dataSync()[0]).toBe(0.5);
  expect(indices.dataSync()[0]).toBe(3);
});

it('reaches every level, and each code keeps its own index', () => {
  for (const levels of [
    [2, 3],
    [4, 5],
    [8, 6, 5],
    [7, 5, 5],
  ]) {
    const codes = codesOf(levels);
    expect(new Set(codes.map(String)).size).toBe(codes.length);
    const wide = random(1).normal(backend, [1, 1, 20_000, levels.length], 0, 1.5);
    for (const variant of variants) {
      expect(new Set(fsq({ levels, variant }).encode({}, wide).dataSync()).size, variant).toBe(codes.length);
    }
  }
});

it('recommends levels with about 2^bits codes', () => {
  for (const [bits, levels] of Object.entries(recommendedLevels)) {
    expect(Math.abs(fsq({ levels }).bitsPerPosition - Number(bits))).toBeLessThan(0.5);
  }
});

it('refuses levels that say nothing or too much', () => {
  for (const levels of [[], [1, 5], [2.5], [4096, 65537]]) {
    expect(() => fsq({ levels })).toThrow(/expected one or more levels from 2 to 65536/);
  }
});

/** Indices by the published formulas in float64, for features on the host. */
function indicesOf(
  levels: readonly number[],
  features: Float32Array,
  digitOf: (z: number, count: number) => number,
): number[] {
  const d = levels.length;
  return Array.from({ length: features.length / d }, (_, at) => {
    let [index, basis] = [0, 1];
    levels.forEach((count, i) => {
      index += digitOf(features[at * d + i]!, count) * basis;
      basis *= count;
    });
    return index;
  });
}

/** half_l, offset and shift of appendix A of the paper, or of vector-quantize-pytorch's `FSQ.bound`. */
const bounded = (margin: number, shiftOf: (x: number) => number) => (z: number, count: number) => {
  const half = ((count - 1) * (1 + margin)) / 2;
  const offset = count % 2 === 0 ? 0.5 : 0;
  return Math.round(Math.tanh(z + shiftOf(offset / half)) * half - offset) + Math.floor(count / 2);
};
/** vector-quantize-pytorch's `symmetry_preserving_bound`: floor((L − 1)·(tanh z + 1)/2 + ½). */
const symmetric = (z: number, count: number): number => Math.floor(((count - 1) * (Math.tanh(z) + 1)) / 2 + 0.5);

describe('variants', () => {
  const published = {
    lucidrains: bounded(1e-3, Math.atanh),
    paper: bounded(-1e-3, Math.tan),
    symmetric,
    clamped: (z: number, count: number): number => symmetric(Math.atanh(Math.max(-1, Math.min(1, z))), count),
  };
  const share = (a: readonly number[], b: readonly number[]): number =>
    a.filter((x, i) => x !== b[i]).length / a.length;

  it('give the indices of the formulas that they are named after', () => {
    for (const levels of [
      [8, 5, 5, 5],
      [3, 4, 7],
      [6, 6],
    ]) {
      const z = random(1).normal(backend, [1, 1, 4000, levels.length]);
      for (const variant of variants) {
        const expected = indicesOf(levels, z.dataSync() as Float32Array, published[variant]);
        // float32 may fall on the other side of an edge, once in some 10⁵ values
        expect(share([...fsq({ levels, variant }).encode({}, z).dataSync()], expected), variant).toBeLessThan(5e-4);
      }
    }
  });

  it('of the paper and of lucidrains differ in about 1 % of indices', () => {
    const z = random(1).normal(backend, [1, 1, 4000, 4]);
    const [a, b] = (['paper', 'lucidrains'] as const).map((variant) => [
      ...fsq({ levels: [8, 5, 5, 5], variant })
        .encode({}, z)
        .dataSync(),
    ]);
    expect(share(a!, b!)).toBeGreaterThan(0.001);
    expect(share(a!, b!)).toBeLessThan(0.03);
  });

  it('cut 2 levels at 0, as lucidrains, which asks for symmetry there; only the paper’s formula cuts at −1.56', () => {
    const levels = [2, 2, 2];
    const z = random(1).normal(backend, [1, 1, 4000, 3], 0, 2);
    const byFormula = indicesOf(levels, z.dataSync() as Float32Array, published.lucidrains);
    const bySign = indicesOf(levels, z.dataSync() as Float32Array, (x) => (x >= 0 ? 1 : 0));
    for (const variant of ['lucidrains', 'symmetric', 'clamped'] as const) {
      const quantizer = fsq({ levels, variant });
      const indices = [...quantizer.encode({}, z).dataSync()];
      expect(indices).toEqual(bySign);
      expect(share(indices, byFormula)).toBeGreaterThan(0.8); // 3,403 of 4,000 in one comparison
      expect(new Set(quantizer.quantize({}, z).quantized.dataSync())).toEqual(new Set([-1, 1]));
    }
    const paper = indicesOf(levels, z.dataSync() as Float32Array, (x) => (x >= -Math.tan(0.5 / 0.4995) ? 1 : 0));
    expect([...fsq({ levels, variant: 'paper' }).encode({}, z).dataSync()]).toEqual(paper);
    expect([
      ...fsq({ levels: [2] })
        .encode({}, tensor(backend, [-0.1, 0, 0.1], [1, 1, 3, 1]))
        .dataSync(),
    ]).toEqual([0, 1, 1]);
  });

  it('symmetric and clamped have the mirrored code for the mirrored vector', () => {
    for (const variant of ['symmetric', 'clamped'] as const) {
      const quantizer = fsq({ levels: [4, 5, 6], variant });
      const z = random(3).normal(backend, [1, 1, 200, 3]);
      const mirrored = quantizer.quantize({}, mul(z, -1)).quantized.dataSync();
      quantizer
        .quantize({}, z)
        .quantized.dataSync()
        .forEach((x, i) => expect(x).toBeCloseTo(-mirrored[i]!, 6));
    }
  });
});

it('replaces a share of values by even noise around the squashed ones, in training only', () => {
  const quantizer = fsq({ levels: [4, 4], variant: 'symmetric', noise: 0.5 });
  const z = random(1).normal(backend, [1, 1, 4000, 2]);
  const code = quantizer.quantize({}, z).quantized.dataSync();
  expect(quantizer.decode({}, quantizer.encode({}, z)).dataSync()).toEqual(code);
  const { quantized, indices } = quantizer.quantize({}, z, { key: tensor(backend, random(2).bits(2)) });
  expect(indices.dataSync()).toEqual(quantizer.encode({}, z).dataSync());
  const [noisy, bounded] = [quantized.dataSync(), quantizer.bound(z).dataSync()];
  const errors = [...noisy].flatMap((x, i) => (x === code[i] ? [] : [x - bounded[i]!]));
  // 8000 values: half of them, standard deviation 45
  expect(Math.abs(errors.length - 4000)).toBeLessThan(230);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(1 / 3 + 1e-6);
  expect(Math.sqrt(errors.reduce((sum, x) => sum + x * x, 0) / errors.length)).toBeCloseTo(1 / 3 / Math.sqrt(3), 2);
  expect(() => fsq({ levels: [4], noise: 0.5 })).toThrow(/noise/);
  expect(() => fsq({ levels: [4], variant: 'other' as 'paper' })).toThrow(/variant.*one of/);
  expect(() => fsq({ levels: [4], noise: 2, variant: 'symmetric' })).toThrow(/noise/);
});
