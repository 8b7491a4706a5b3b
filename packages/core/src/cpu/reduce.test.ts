import { describe, expect, it } from 'vitest';
import type { ReduceOp } from '../backend/kernels.ts';
import { hostTensor } from './host-kernel.ts';
import { argReduce, reduce } from './reduce.ts';

const x = hostTensor('f32', [2, 3], [1, 2, 3, 4, 5, 6]);

function apply(op: ReduceOp, axes: number[], shape: number[], input = x): number[] {
  return Array.from(reduce([input], { op, axes, keepDims: false }, [{ shape, dtype: input.dtype }])[0]!);
}

describe('reduce', () => {
  it('reduces any axes', () => {
    expect(apply('sum', [0], [3])).toEqual([5, 7, 9]);
    expect(apply('mean', [1], [2])).toEqual([2, 5]);
    expect(apply('max', [0, 1], [])).toEqual([6]);
    expect(apply('prod', [], [2, 3])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('gives the neutral elements for empty axes', () => {
    const empty = hostTensor('f32', [0, 2], []);
    expect(apply('sum', [0], [2], empty)).toEqual([0, 0]);
    expect(apply('prod', [0], [2], empty)).toEqual([1, 1]);
    expect(apply('max', [0], [2], empty)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(apply('min', [0], [2], empty)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(apply('mean', [0], [2], empty)).toEqual([Number.NaN, Number.NaN]);
  });

  it('wraps integer sums and products', () => {
    expect(apply('sum', [0], [], hostTensor('i32', [2], [2147483647, 1]))).toEqual([-2147483648]);
    expect(apply('sum', [0], [], hostTensor('u32', [2], [4294967295, 2]))).toEqual([1]);
    expect(apply('prod', [0], [], hostTensor('u32', [2], [65537, 65537]))).toEqual([131073]);
  });

  it('accumulates in float64', () => {
    // In float32, 2²⁴ + 1 stays 2²⁴, so one addition at a time would lose every 1.
    const values = new Float32Array(1001).fill(1);
    values[0] = 2 ** 24;
    expect(apply('sum', [0], [], hostTensor('f32', [1001], values))).toEqual([2 ** 24 + 1000]);
  });
});

describe('argReduce', () => {
  const find = (op: 'argmax' | 'argmin', values: number[]): number =>
    argReduce([hostTensor('f32', [values.length], values)], { op, axis: 0 }, [{ shape: [], dtype: 'u32' }])[0]![0]!;

  it('takes the lowest index among equals', () => {
    expect(find('argmax', [1, 3, 3])).toBe(1);
    expect(find('argmin', [2, 1, 1])).toBe(1);
  });

  it('takes the first NaN', () => {
    expect(find('argmax', [5, Number.NaN, 9, Number.NaN])).toBe(1);
    expect(find('argmin', [Number.NaN, -9])).toBe(0);
  });

  it('works along a middle axis', () => {
    const y = hostTensor('f32', [1, 3, 2], [0, 5, 2, 4, 1, 9]);
    const [out] = argReduce([y], { op: 'argmax', axis: 1 }, [{ shape: [1, 2], dtype: 'u32' }]);
    expect(Array.from(out!)).toEqual([1, 2]);
  });
});
