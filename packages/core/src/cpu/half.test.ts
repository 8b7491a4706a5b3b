import { describe, expect, it } from 'vitest';
import { fromHalfBits, toHalfBits } from './half.ts';

describe('half precision', () => {
  it('restores every one of the 65,536 bit patterns', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = fromHalfBits(bits);
      if (Number.isNaN(value)) expect(toHalfBits(value) & 0x7fff).toBe(0x7e00);
      else if (toHalfBits(value) !== bits) expect(toHalfBits(value)).toBe(bits);
    }
  });

  it('knows the landmarks of IEEE 754-2019, table 3.5', () => {
    expect(fromHalfBits(0x3c00)).toBe(1);
    expect(fromHalfBits(0xc000)).toBe(-2);
    expect(fromHalfBits(0x7bff)).toBe(65504);
    expect(fromHalfBits(0x0400)).toBe(2 ** -14);
    expect(fromHalfBits(0x0001)).toBe(2 ** -24);
    expect(fromHalfBits(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('rounds halfway values to the even neighbour', () => {
    expect(toHalfBits(1 + 2 ** -11)).toBe(0x3c00);
    expect(toHalfBits(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toHalfBits(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
    expect(toHalfBits(2 ** -25)).toBe(0);
    expect(toHalfBits(3 * 2 ** -25)).toBe(2);
    expect(toHalfBits(1.5 * 2 ** -25)).toBe(1);
  });

  it('overflows to infinity from 65520 on and keeps the sign of zero', () => {
    expect(toHalfBits(65519)).toBe(0x7bff);
    expect(toHalfBits(65520)).toBe(0x7c00);
    expect(toHalfBits(-1e30)).toBe(0xfc00);
    expect(toHalfBits(-0)).toBe(0x8000);
    expect(toHalfBits(-1e-30)).toBe(0x8000);
  });
});
