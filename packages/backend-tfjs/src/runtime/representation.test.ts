/** How values are stored, on the host side of it. */
import { describe, expect, it } from 'vitest';
import { decodeHost, encode, encodeHost, encodeNumber, storedDType } from './representation.ts';

describe('representation', () => {
  it('stores u32 as the int32 of the same bits, and as itself where integers are floats', () => {
    const values = Uint32Array.of(0, 7, 2 ** 31, 2 ** 32 - 1);
    expect([...encodeHost(values, 'u32', 'int32')]).toEqual([0, 7, -(2 ** 31), -1]);
    expect(decodeHost(encodeHost(values, 'u32', 'int32'), 'u32')).toEqual(values);
    expect(encodeNumber(5, 'u32', 'float32')).toBe(5);
    expect(storedDType('u32', 'float32')).toBe('float32');
  });

  it('stores f16 as the numbers that its bits mean, and rounds numbers that are not', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00);
    const stored = encodeHost(bits, 'f16', 'int32');
    expect([...stored]).toEqual([1, -2, 2 ** -24, Number.POSITIVE_INFINITY]);
    expect(decodeHost(stored, 'f16')).toEqual(bits);
    expect([...encode([1 + 2 ** -12], 'f16', 'int32')]).toEqual([1]);
  });

  it('never shares memory with the caller', () => {
    const values = Float32Array.of(1, 2);
    const stored = encodeHost(values, 'f32', 'int32');
    values.fill(9);
    expect([...stored]).toEqual([1, 2]);
    const read = decodeHost(stored, 'f32');
    stored.fill(9);
    expect([...read]).toEqual([1, 2]);
  });
});
