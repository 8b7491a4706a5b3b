import { describe, expect, it } from 'vitest';
import {
  channelsFirst,
  dropAxes,
  identityOrder,
  permutationBetween,
  physicalShape,
  reshapeOrder,
  sameLayout,
  transposeOrder,
} from './axes.ts';

describe('reshapeOrder', () => {
  it('lets pixels be joined while channels stay in front', () => {
    // NCHW memory of [2, 4, 6, 8], seen as [2, 24, 8]: [N, C, T] memory
    expect(reshapeOrder([2, 4, 6, 8], channelsFirst(4), [2, 24, 8])).toEqual(channelsFirst(3));
  });

  it('lets channels be split into heads, which move with them', () => {
    expect(reshapeOrder([2, 24, 8], [0, 2, 1], [2, 24, 4, 2])).toEqual([0, 2, 3, 1]);
  });

  it('refuses to join axes that lie apart', () => {
    expect(reshapeOrder([2, 4, 8], [0, 2, 1], [2, 32])).toBeUndefined();
  });

  it('refuses to join axes that lie in the wrong sequence', () => {
    expect(reshapeOrder([4, 8], [1, 0], [32])).toBeUndefined();
  });

  it('takes any shape for row-major values', () => {
    expect(reshapeOrder([6, 4], [0, 1], [8, 3])).toEqual([0, 1]);
  });

  it('does not mind axes of size one', () => {
    expect(reshapeOrder([1, 4, 1, 8], [0, 3, 1, 2], [4, 8])).toEqual([1, 0]);
    expect(reshapeOrder([4, 8], [1, 0], [1, 4, 1, 8])).toEqual([0, 3, 1, 2]);
    expect(reshapeOrder([1], [0], [])).toEqual([]);
  });
});

describe('orders', () => {
  it('compare by the axes that are longer than one', () => {
    expect(sameLayout([1, 4, 4, 1], identityOrder(4), channelsFirst(4))).toBe(true);
    expect(sameLayout([1, 4, 4, 2], identityOrder(4), channelsFirst(4))).toBe(false);
  });

  it('give the shape in memory and the permutation between two of them', () => {
    expect(physicalShape([2, 4, 6, 8], channelsFirst(4))).toEqual([2, 8, 4, 6]);
    expect(permutationBetween(identityOrder(4), channelsFirst(4))).toEqual([0, 3, 1, 2]);
    expect(permutationBetween(channelsFirst(4), identityOrder(4))).toEqual([0, 2, 3, 1]);
  });

  it('follow a transposed view', () => {
    // Transposing NHWC to NCHW in name only: memory that was row-major now has its last place for axis 1.
    expect(transposeOrder(identityOrder(4), [0, 3, 1, 2])).toEqual([0, 2, 3, 1]);
  });

  it('lose axes', () => {
    expect(dropAxes([0, 3, 1, 2], [1, 2])).toEqual([0, 1]);
    expect(dropAxes([0, 3, 1, 2], [0])).toEqual([2, 0, 1]);
  });
});
