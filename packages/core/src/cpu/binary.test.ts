import { describe, expect, it } from 'vitest';
import type { BinaryOp } from '../backend/kernels.ts';
import { binary, compare, where } from './binary.ts';
import { hostTensor } from './host-kernel.ts';

function apply(op: BinaryOp, dtype: 'f32' | 'i32' | 'u32', a: number[], b: number[]): number[] {
  const x = hostTensor(dtype, [a.length], a);
  return Array.from(binary([x, hostTensor(dtype, [b.length], b)], { op }, [x])[0]!);
}

describe('binary', () => {
  it('gives mod the sign of the divisor, as Python does', () => {
    expect(apply('mod', 'i32', [7, -7, 7, -7, 6], [3, 3, -3, -3, 3])).toEqual([1, 2, -2, -1, 0]);
    expect(apply('mod', 'f32', [5.5, -5.5], [2, 2])).toEqual([1.5, 0.5]);
  });

  it('truncates integer quotients towards zero', () => {
    expect(apply('div', 'i32', [7, -7], [2, 2])).toEqual([3, -3]);
    expect(apply('div', 'u32', [4294967295], [2])).toEqual([2147483647]);
  });

  it('wraps integer overflow', () => {
    expect(apply('add', 'i32', [2147483647], [1])).toEqual([-2147483648]);
    expect(apply('sub', 'u32', [0], [1])).toEqual([4294967295]);
    expect(apply('mul', 'u32', [0x9e3779b9], [0x85ebca6b])).toEqual([Math.imul(0x9e3779b9, 0x85ebca6b) >>> 0]);
  });

  it('shifts with the sign for i32 and with zeros for u32', () => {
    expect(apply('shr', 'i32', [-8], [1])).toEqual([-4]);
    expect(apply('shr', 'u32', [0xfffffff8], [1])).toEqual([0x7ffffffc]);
    expect(apply('xor', 'u32', [0xf0000000], [0x0f000000])).toEqual([0xff000000]);
  });

  it('lets NaN win over maximum and minimum', () => {
    expect(apply('max', 'f32', [Number.NaN, 1], [1, Number.NaN])).toEqual([Number.NaN, Number.NaN]);
    expect(apply('min', 'f32', [Number.NaN, 1], [1, 2])).toEqual([Number.NaN, 1]);
  });

  it('broadcasts both ways', () => {
    const column = hostTensor('f32', [2, 1], [10, 20]);
    const row = hostTensor('f32', [3], [1, 2, 3]);
    const out = { shape: [2, 3], dtype: 'f32' } as const;
    expect(Array.from(binary([column, row], { op: 'add' }, [out])[0]!)).toEqual([11, 12, 13, 21, 22, 23]);
  });

  it('finds every comparison with NaN false, except ne', () => {
    const nan = hostTensor('f32', [1], [Number.NaN]);
    const out = { shape: [1], dtype: 'u8' } as const;
    const results = (['eq', 'lt', 'le', 'gt', 'ge', 'ne'] as const).map(
      (op) => compare([nan, nan], { op }, [out])[0]![0],
    );
    expect(results).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('selects where the condition is not zero, broadcasting all three', () => {
    const condition = hostTensor('u8', [2, 1], [1, 0]);
    const a = hostTensor('f32', [], [5]);
    const b = hostTensor('f32', [1, 2], [7, 8]);
    const [out] = where([condition, a, b], {}, [{ shape: [2, 2], dtype: 'f32' }]);
    expect(Array.from(out!)).toEqual([5, 5, 7, 8]);
  });
});
