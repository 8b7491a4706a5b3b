import { describe, expect, it } from 'vitest';
import { crc32 } from '../bytes/checksum.ts';
import { createLogisticTables } from './logistic.ts';

describe('the logistic tables', () => {
  const { squash, stretch } = createLogisticTables();

  it('follow the logistic function', () => {
    for (let x = -2047; x <= 2047; x++) {
      const exact = 65536 / (1 + Math.exp(-x / 256));
      // Linear interpolation over a quarter: the second derivative bounds the error by 0.0963 · (1/4)² / 8 · 65536.
      expect(Math.abs(squash[x + 2048]! - exact)).toBeLessThan(51);
    }
  });

  it('rise steadily and are symmetric', () => {
    for (let x = -2046; x <= 2047; x++) {
      expect(squash[x + 2048]!).toBeGreaterThanOrEqual(squash[x + 2047]!);
      expect(squash[2048 - x]).toBe(65536 - squash[2048 + x]!);
    }
  });

  it('invert each other to within the width of an entry', () => {
    for (let i = 0; i < 4096; i++) {
      const x = stretch[i]!;
      expect(x).toBeGreaterThanOrEqual(-2047);
      expect(x).toBeLessThanOrEqual(2047);
      if (x > -2047 && x < 2047) {
        expect(squash[x + 2048]!).toBeGreaterThanOrEqual(i * 16 + 8);
        expect(squash[x + 2047]!).toBeLessThan(i * 16 + 8);
      }
    }
  });

  it('never change: old files depend on every entry', () => {
    const bytes = (table: Int32Array | Int16Array): Uint8Array =>
      Uint8Array.from({ length: table.length * 4 }, (_, i) => table[i >> 2]! >> (8 * (i & 3)));
    expect(crc32(bytes(squash)).toString(16)).toBe('7ffc54df');
    expect(crc32(bytes(stretch)).toString(16)).toBe('8a740006');
  });
});
