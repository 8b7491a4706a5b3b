import { cpu, random, range, reshape, type Tensor, tensor } from '@vqkit/core';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { fsq, recommendedLevels } from './fsq.ts';

const backend = cpu();

for (const levels of [[5], [3, 3], [8, 5, 5], [2, 4, 7]]) {
  describeQuantizer(`fsq [${levels}]`, {
    describe,
    it,
    afterAll,
    backends: backendsUnderTest(),
    create: () => fsq({ levels }),
    surrogate: (z: Tensor) => fsq({ levels }).bound(z),
    isSeeded: false,
    step: 2 ** -6,
  });
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
    const quantizer = fsq({ levels });
    const codes = codesOf(levels);
    expect(new Set(codes.map(String)).size).toBe(codes.length);
    const wide = random(1).normal(backend, [1, 1, 20_000, levels.length], 0, 1.2);
    expect(new Set(quantizer.encode({}, wide).dataSync()).size).toBe(codes.length);
  }
});

it('recommends levels with about 2^bits codes', () => {
  for (const [bits, levels] of Object.entries(recommendedLevels)) {
    expect(Math.abs(fsq({ levels }).bitsPerPosition - Number(bits))).toBeLessThan(0.5);
  }
});

it('refuses levels that say nothing or too much', () => {
  for (const levels of [[], [1, 5], [2.5], [4096, 4096, 4096]]) {
    expect(() => fsq({ levels })).toThrow(/expected one or more levels ≥ 2/);
  }
});
