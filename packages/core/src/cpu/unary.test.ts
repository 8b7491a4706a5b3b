import { describe, expect, it } from 'vitest';
import type { UnaryOp } from '../backend/kernels.ts';
import { erf } from './erf.ts';
import { hostTensor } from './host-kernel.ts';
import { roundHalfToEven, unary } from './unary.ts';

function apply(op: UnaryOp, dtype: 'f32' | 'i32' | 'u8', values: number[]): number[] {
  const x = hostTensor(dtype, [values.length], values);
  return Array.from(unary([x], { op }, [x])[0]!);
}

describe('unary', () => {
  it('rounds halves to the even integer', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6].map(roundHalfToEven)).toEqual([-2, -2, -0, 0, 2, 2, 2, 3]);
  });

  it('wraps integer squares and negations', () => {
    expect(apply('square', 'i32', [65537, -3])).toEqual([131073, 9]);
    expect(apply('neg', 'i32', [-(2 ** 31)])).toEqual([-(2 ** 31)]);
  });

  it('negates truth values', () => {
    expect(apply('not', 'u8', [0, 1, 2])).toEqual([1, 0, 0]);
  });

  it('saturates the sigmoid without overflow', () => {
    expect(apply('sigmoid', 'f32', [-1000, 0, 1000])).toEqual([0, 0.5, 1]);
  });

  it('computes erf to the digits of Abramowitz and Stegun, table 7.1', () => {
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(1)).toBeCloseTo(0.8427007929, 10);
    expect(erf(-2)).toBeCloseTo(-0.995322265, 10);
    expect(erf(3.5)).toBeCloseTo(0.999999256902, 11);
    expect(erf(9)).toBe(1);
    expect(erf(-Number.POSITIVE_INFINITY)).toBe(-1);
    expect(erf(Number.NaN)).toBeNaN();
  });
});
