import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatTime,
  integerFrom,
  integerFromZero,
  numberFromZero,
  positiveInteger,
  positiveNumber,
  positiveNumbers,
} from './numbers.ts';

describe('numbers of the command line', () => {
  it('takes numbers and lists of numbers above 0', () => {
    expect(positiveNumber('0.03')).toBe(0.03);
    expect(positiveInteger('1900')).toBe(1900);
    expect(positiveNumbers('0.012,0.04')).toEqual([0.012, 0.04]);
  });

  it.each(['', ' ', '0', '-1', 'x', 'NaN', 'Infinity', '1,2'])("refuses '%s'", (text) => {
    expect(() => positiveNumber(text)).toThrow('Expected a number above 0.');
  });

  it('takes decimal digits alone, of numbers that are exact', () => {
    for (const text of ['0x10', '0b1', '1_000', '1e', '.'])
      expect(() => integerFromZero(text), text).toThrow(/Expected/);
    for (const text of ['1e308', '1e309', '9007199254740993'])
      expect(() => positiveInteger(text), text).toThrow('at most');
    expect([' 7', '+7', '7.', '.7e1', '4294967295'].map(positiveInteger)).toEqual([7, 7, 7, 7, 4_294_967_295]);
    expect(['0', '0.0', '-0', '3'].map(integerFromZero)).toEqual([0, 0, 0, 3]);
    for (const read of [integerFromZero, numberFromZero]) expect(() => read('-1')).toThrow('at least 0');
  });

  it('refuses parts of whole things', () => {
    expect(() => positiveInteger('1.5')).toThrow('whole number');
    expect(() => positiveNumbers('1,,2')).toThrow('above 0');
  });

  it('takes whole numbers of a range', () => {
    expect([1, 254].map(String).map(integerFrom(1, 254))).toEqual([1, 254]);
    for (const text of ['0', '255', '1e9', '2.5']) expect(() => integerFrom(1, 254)(text), text).toThrow(/Expected/);
  });

  it('writes numbers with units', () => {
    expect([1861, 9999, 557_596, 12_345_678].map(formatBytes)).toEqual([
      '1,861 bytes',
      '9,999 bytes',
      '558 kB',
      '12.3 MB',
    ]);
    expect([12.4, 999.4, 1500].map(formatTime)).toEqual(['12 ms', '999 ms', '1.5 s']);
  });
});
