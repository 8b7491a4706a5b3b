import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

describe('ByteWriter and ByteReader', () => {
  it('restore numbers of every size', () => {
    const numbers = [0, 1, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1];
    const out = new ByteWriter(1);
    for (const n of numbers) out.varint(n);
    out.u16(0xbeef);
    out.u32(0xfedcba98);
    const reader = new ByteReader(out.finish());
    expect(numbers.map(() => reader.varint())).toEqual(numbers);
    expect(reader.u16()).toBe(0xbeef);
    expect(reader.u32()).toBe(0xfedcba98);
    expect(reader.left).toBe(0);
  });

  it('spell small numbers in one byte and 2³²−1 in five', () => {
    const out = new ByteWriter();
    out.varint(127);
    expect(out.length).toBe(1);
    out.varint(2 ** 32 - 1);
    expect([...out.finish()]).toEqual([127, 255, 255, 255, 255, 15]);
  });

  it('refuse numbers that are longer than they must be, or too large', () => {
    expect(codeOf(() => new ByteReader(Uint8Array.of(0x80, 0)).varint())).toBe('HEADER_INVALID');
    expect(codeOf(() => new ByteReader(Uint8Array.of(255, 255, 255, 255, 16)).varint())).toBe('HEADER_INVALID');
    expect(codeOf(() => new ByteReader(Uint8Array.of(255, 255, 255, 255, 255, 1)).varint())).toBe('HEADER_INVALID');
  });

  it('report data that end too early', () => {
    expect(codeOf(() => new ByteReader(Uint8Array.of(0x80)).varint())).toBe('TRUNCATED');
    expect(codeOf(() => new ByteReader(new Uint8Array(3)).u32())).toBe('TRUNCATED');
    expect(codeOf(() => new ByteReader(new Uint8Array(3)).take(4))).toBe('TRUNCATED');
    expect(codeOf(() => new ByteReader(new Uint8Array(3)).take(2 ** 32))).toBe('TRUNCATED');
  });

  it('carry through bytes that are full', () => {
    const out = new ByteWriter();
    out.bytes(Uint8Array.of(1, 255, 255));
    out.carry();
    expect([...out.finish()]).toEqual([2, 0, 0]);
  });
});
