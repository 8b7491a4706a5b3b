import { describe, expect, it } from 'vitest';
import type { DType } from '../dtype.ts';
import { cast } from './cast.ts';
import { hostTensor } from './host-kernel.ts';

function apply(from: DType, to: DType, values: number[]): number[] {
  const x = hostTensor(from, [values.length], values);
  return Array.from(cast([x], {}, [{ shape: x.shape, dtype: to }])[0]!);
}

describe('cast', () => {
  it('truncates and saturates floats, and turns NaN into 0', () => {
    const values = [-1.9, 1.9, 300, -300, Number.NaN, Number.POSITIVE_INFINITY];
    expect(apply('f32', 'i32', values)).toEqual([-1, 1, 300, -300, 0, 2147483647]);
    expect(apply('f32', 'u8', values)).toEqual([0, 1, 255, 0, 0, 255]);
    expect(apply('f32', 'u32', values)).toEqual([0, 1, 300, 0, 0, 4294967295]);
  });

  it('wraps between integers', () => {
    expect(apply('i32', 'u32', [-1])).toEqual([4294967295]);
    expect(apply('u32', 'i32', [4294967295])).toEqual([-1]);
    expect(apply('i32', 'u8', [257, -1])).toEqual([1, 255]);
  });

  it('stores f16 as bits and reads them back', () => {
    expect(apply('f32', 'f16', [1, -2, 65504])).toEqual([0x3c00, 0xc000, 0x7bff]);
    expect(apply('f16', 'f32', [0x3c00, 0xc000, 0x7bff])).toEqual([1, -2, 65504]);
  });
});
