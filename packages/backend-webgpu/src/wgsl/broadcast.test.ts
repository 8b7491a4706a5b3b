import { describe, expect, it } from 'vitest';
import { collapseAxes, isContiguous } from './broadcast.ts';

describe('collapseAxes', () => {
  it('merges everything when nothing repeats', () => {
    expect(collapseAxes([2, 3, 4], [[2, 3, 4]])).toEqual({ sizes: [24], strides: [[1]] });
  });

  it('keeps a bias of channels apart from the pixels', () => {
    const { sizes, strides } = collapseAxes([2, 5, 7, 8], [[2, 5, 7, 8], [8]]);
    expect(sizes).toEqual([70, 8]);
    expect(strides).toEqual([
      [8, 1],
      [0, 1],
    ]);
    expect(isContiguous(strides[0]!, sizes)).toBe(true);
    expect(isContiguous(strides[1]!, sizes)).toBe(false);
  });

  it('drops axes of size 1 and treats a scalar as repeating everywhere', () => {
    expect(collapseAxes([1, 6, 1], [[]])).toEqual({ sizes: [6], strides: [[0]] });
    expect(collapseAxes([], [[]])).toEqual({ sizes: [], strides: [[]] });
  });
});
