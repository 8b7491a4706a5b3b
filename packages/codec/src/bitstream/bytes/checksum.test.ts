import { describe, expect, it } from 'vitest';
import { createRandom } from '../training/random.ts';
import { checkSize, checksum, crc16, crc32, isChecksum, maxShortCheckBytes } from './checksum.ts';

const digits = new TextEncoder().encode('123456789');

describe('checksums', () => {
  // Check values of the catalogue of parametrised CRC algorithms (Greg Cook): CRC-16/IBM-3740 and CRC-32/ISO-HDLC.
  it('give the catalogue values', () => {
    expect(crc16(digits)).toBe(0x29b1);
    expect(crc32(digits)).toBe(0xcbf43926);
  });

  it('do not depend on how the data are cut into parts', () => {
    expect(crc16(digits.subarray(0, 4), digits.subarray(4))).toBe(crc16(digits));
    expect(crc32(digits.subarray(0, 1), new Uint8Array(0), digits.subarray(1))).toBe(crc32(digits));
  });

  it('find every change of up to three bits in the longest data that CRC-16 protects', () => {
    const random = createRandom(5);
    const data = Uint8Array.from({ length: maxShortCheckBytes }, () => random.below(256));
    const expected = crc16(data);
    for (let trial = 0; trial < 300; trial++) {
      const places = Array.from({ length: 1 + (trial % 3) }, () => random.below(8 * data.length));
      const changed = data.slice();
      for (const place of new Set(places)) changed[place >> 3]! ^= 1 << (place & 7);
      expect(crc16(changed)).not.toBe(expected);
    }
  });

  it('take two bytes for short data and four for long', () => {
    expect(checkSize(maxShortCheckBytes)).toBe(2);
    expect(checkSize(maxShortCheckBytes + 1)).toBe(4);
    expect([...checksum(2, digits)]).toEqual([0xb1, 0x29]);
    expect([...checksum(4, digits)]).toEqual([0x26, 0x39, 0xf4, 0xcb]);
    expect(isChecksum(checksum(4, digits), digits)).toBe(true);
    expect(isChecksum(Uint8Array.of(0xb1, 0x28), digits)).toBe(false);
  });
});
