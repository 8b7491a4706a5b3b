import { random, type Tensor, tensor, zeros } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { backend } from '../testing/small-maps.ts';
import { nearbyMean } from './nearby.ts';

const holesOf = (flags: readonly number[], height: number): Tensor =>
  tensor(backend, Float32Array.from(flags), [1, height, flags.length / height, 1]);
const meanOf = (values: readonly number[], flags: readonly number[], height = 1): number[] => {
  const vectors = tensor(backend, Float32Array.from(values), [1, height, values.length / height, 1]);
  return Array.from(nearbyMean(vectors, holesOf(flags, height)).dataSync(), Number);
};

describe('nearbyMean', () => {
  it('weighs what is known by its distance along both axes', () => {
    const [near, far] = [Math.exp(-1), Math.exp(-2)];
    expect(meanOf([6, 99, 99, 3], [0, 1, 1, 0])[1]).toBeCloseTo((6 * near + 3 * far) / (near + far), 5);
    // a hole in the corner: beside it 1, below it 2, across 5
    expect(meanOf([99, 1, 2, 5], [1, 0, 0, 0], 2)[0]).toBeCloseTo((3 * near + 5 * far) / (2 * near + far), 5);
  });

  it('does not look into holes, and is 0 where nothing is known', () => {
    expect(meanOf([1, 7, 3], [0, 1, 0])).toEqual(meanOf([1, -1e6, 3], [0, 1, 0]));
    expect(meanOf([1, 7, 3], [1, 1, 1])).toEqual([0, 0, 0]);
  });

  it('reaches over a whole window: one known position tells all others', () => {
    const side = 32;
    const flags = Array.from({ length: side * side }, (_, i) => Number(i !== 0));
    const vectors = random(1).normal(backend, [1, side, side, 3]);
    const first = Array.from(vectors.dataSync().slice(0, 3), Number);
    const filled = nearbyMean(vectors, holesOf(flags, side)).dataSync();
    Array.from(filled.slice(-3), Number).forEach((value, i) => {
      expect(value).toBeCloseTo(first[i]!, 3);
    });
  });

  it('takes batches', () => {
    const vectors = random(2).normal(backend, [2, 3, 4, 5]);
    expect(nearbyMean(vectors, zeros(backend, [2, 3, 4, 1])).shape).toEqual([2, 3, 4, 5]);
  });
});
