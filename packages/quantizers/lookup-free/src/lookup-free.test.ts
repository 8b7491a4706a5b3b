import { cpu, mean, random, square, sub, sum, type Tensor, tensor, zeros } from '@vqkit/core';
import { unitVectors } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { bsq } from './bsq.ts';
import { entropyLoss } from './entropy.ts';
import { lfq } from './lfq.ts';

const backend = cpu();
const runner = { describe, it, afterAll, backends: backendsUnderTest(), isSeeded: false };
const derivatives = { commitment: ['z'], entropy: ['z'] } as const;

describeQuantizer('lfq of 5 bits', { ...runner, derivatives, create: () => lfq({ bits: 5, temperature: 2 }) });
describeQuantizer('lfq of 18 bits in two slots', {
  ...runner,
  derivatives,
  size: [2, 1, 2],
  create: () => lfq({ bits: 18, temperature: 2 }),
});
describeQuantizer('bsq of 6 bits, entropy in groups', {
  ...runner,
  derivatives,
  create: () => bsq({ bits: 6, jointBits: 4, temperature: 0.5 }),
  surrogate: (z: Tensor) => unitVectors(z),
});
describeQuantizer('lfq without losses', { ...runner, create: () => lfq({ bits: 3, entropy: 0, commitment: 0 }) });

it('reads the bits of the example by hand: signs +, −, + are 1 + 4', () => {
  const z = tensor(backend, [0.3, -2, 9], [1, 1, 1, 3]);
  const { quantized, indices } = lfq({ bits: 3 }).quantize({}, z);
  expect([...indices.dataSync()]).toEqual([5]);
  expect([...quantized.dataSync()]).toEqual([1, -1, 1]);
});

it('puts BSQ codes on the unit sphere, with an error below the paper’s bound for any feature', () => {
  const quantizer = bsq({ bits: 12 });
  const z = random(1).normal(backend, [1, 10, 10, 12], 0, 100);
  const { quantized } = quantizer.quantize({}, z);
  expect(mean(square(quantized)).dataSync()[0]).toBeCloseTo(1 / 12, 6);
  const errors = sum(square(sub(unitVectors(z), quantized)), { axes: -1 }).dataSync();
  // Eq. 12 of the paper: E[d] < √(2 − 2/√L); it holds for each vector too, the worst being an axis.
  for (const error of errors) expect(Math.sqrt(error)).toBeLessThan(Math.sqrt(2 - 2 / Math.sqrt(12)) + 1e-6);
});

it('splits many bits into slots of at most 16', () => {
  expect(lfq({ bits: 16 }).codebookSizes).toEqual([65536]);
  expect(lfq({ bits: 17 }).codebookSizes).toEqual([256, 512]);
  expect(lfq({ bits: 36 }).codebookSizes).toEqual([4096, 4096, 4096]);
});

describe('the entropy loss', () => {
  const options = { scale: 1, temperature: 1, diversity: 1, jointBits: 8 };

  it('is 0 for features that cannot decide: every vector is unsure, and all codes are equally likely', () => {
    expect(entropyLoss(zeros(backend, [7, 3]), options).dataSync()[0]).toBeCloseTo(0, 5);
  });

  it('is −D·ln 2 for sure decisions that use all codes equally', () => {
    const corners = Float32Array.from({ length: 24 }, (_, i) =>
      ((Math.floor(i / 3) >> (i % 3)) & 1) === 1 ? 50 : -50,
    );
    expect(entropyLoss(tensor(backend, corners, [8, 3]), options).dataSync()[0]).toBeCloseTo(-3 * Math.LN2, 5);
  });

  it('is 0 for sure decisions that always use one code', () => {
    const one = tensor(backend, new Float32Array(24).fill(50), [8, 3]);
    expect(entropyLoss(one, options).dataSync()[0]).toBeCloseTo(0, 5);
  });

  it('agrees with the sums over all codes', () => {
    const z = random(3).normal(backend, [5, 4]);
    const exact = entropyOverAllCodes(z.dataSync() as Float32Array, 5, 4);
    expect(entropyLoss(z, options).dataSync()[0]).toBeCloseTo(exact, 4);
  });

  it('sees more variety in smaller groups, an upper bound', () => {
    const z = random(3).normal(backend, [5, 4]);
    const whole = entropyLoss(z, options).dataSync()[0]!;
    expect(entropyLoss(z, { ...options, jointBits: 2 }).dataSync()[0]).toBeLessThan(whole);
  });
});

/** E[H(p)] − H(E[p]) with p ∝ exp(−‖z − c‖²) over all 2ᴰ codes, in float64. */
function entropyOverAllCodes(z: Float32Array, count: number, bits: number): number {
  const entropy = (p: number[]): number => -p.reduce((total, x) => total + x * Math.log(x), 0);
  const all = Array.from({ length: count }, (_, n) => {
    const scores = Array.from({ length: 2 ** bits }, (_, code) =>
      Math.exp(
        -Array.from({ length: bits }, (_, i) => (z[n * bits + i]! - (((code >> i) & 1) * 2 - 1)) ** 2).reduce(
          (a, b) => a + b,
        ),
      ),
    );
    const total = scores.reduce((a, b) => a + b);
    return scores.map((s) => s / total);
  });
  const average = all[0]!.map((_, code) => all.reduce((total, p) => total + p[code]! / count, 0));
  return all.reduce((total, p) => total + entropy(p) / count, 0) - entropy(average);
}

it('refuses impossible options', () => {
  expect(() => lfq({ bits: 0 })).toThrow(/bits/);
  expect(() => lfq({ bits: 4, temperature: 0 })).toThrow(/temperature/);
  expect(() => bsq({ bits: 20, jointBits: 13 })).toThrow(/jointBits from 1 to 12/);
  expect(() => bsq({ bits: 4, entropy: -1 })).toThrow(/entropy/);
  expect(() => bsq({ bits: 4, commitment: Number.POSITIVE_INFINITY })).toThrow(/finite/);
});
