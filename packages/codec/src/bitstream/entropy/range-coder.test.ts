import { describe, expect, it } from 'vitest';
import { BitstreamError } from '../errors.ts';
import { createRandom } from '../training/random.ts';
import { RangeDecoder, RangeEncoder } from './range-coder.ts';

describe('the range coder', () => {
  it('restores decisions of all kinds in any mixture', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(seed);
      const steps = Array.from({ length: 500 }, () => {
        const kind = random.below(3);
        const count = 1 + random.below([2, 1000, 65536, 2 ** 24][random.below(4)]!);
        const p = [1, 32, 20000, 65535][random.below(4)]!;
        const total = 1 + random.below(65536);
        const start = random.below(total);
        const size = 1 + random.below(total - start);
        return { kind, count, value: random.below(count), p, bit: random.below(65536) < p ? 1 : 0, total, start, size };
      });
      const encoder = new RangeEncoder();
      for (const step of steps) {
        if (step.kind === 0) encoder.bit(step.p, step.bit);
        else if (step.kind === 1) encoder.uniform(step.value, step.count);
        else encoder.encode(step.start, step.size, step.total);
      }
      const decoder = new RangeDecoder(encoder.finish());
      for (const step of steps) {
        if (step.kind === 0) expect(decoder.bit(step.p)).toBe(step.bit);
        else if (step.kind === 1) expect(decoder.uniform(step.count)).toBe(step.value);
        else {
          const target = decoder.locate(step.total);
          expect(target).toBeGreaterThanOrEqual(step.start);
          expect(target).toBeLessThan(step.start + step.size);
          decoder.consume(step.start, step.size, step.total);
        }
      }
    }
  });

  it('carries through long runs of full bytes', () => {
    // Highest parts first push the low end up to 0xFF…, then a tiny step over the edge makes the carry run.
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const values = Array.from({ length: 60 }, (_, i) => (i < 50 ? 254 + random.below(2) : random.below(256)));
      const encoder = new RangeEncoder();
      for (const value of values) encoder.encode(value, 1, 257);
      const decoder = new RangeDecoder(encoder.finish());
      for (const value of values) {
        expect(decoder.locate(257)).toBe(value);
        decoder.consume(value, 1, 257);
      }
    }
  });

  it('codes whole bits in exactly that many, without a byte for the end', () => {
    const random = createRandom(1);
    const encoder = new RangeEncoder();
    for (let i = 0; i < 1536; i++) encoder.uniform(random.below(1024), 1024);
    expect(encoder.finish().length).toBe(1920);
  });

  it('costs log2 K for any K, and at most a byte for the end', () => {
    for (const size of [3, 5, 100, 1000, 1023, 4095]) {
      const random = createRandom(size);
      const encoder = new RangeEncoder();
      for (let i = 0; i < 1536; i++) encoder.uniform(random.below(size), size);
      const ideal = (1536 * Math.log2(size)) / 8;
      // 1.002: the division of a 24- to 32-bit range loses a little.
      expect(encoder.finish().length).toBeLessThanOrEqual(Math.ceil(ideal * 1.002) + 1);
    }
  });

  it('needs no bytes for what is certain', () => {
    const encoder = new RangeEncoder();
    for (let i = 0; i < 1000; i++) encoder.uniform(0, 1);
    expect(encoder.finish().length).toBe(0);
    const decoder = new RangeDecoder(new Uint8Array(0));
    for (let i = 0; i < 1000; i++) expect(decoder.uniform(1)).toBe(0);
  });

  it('refuses to read on behind the data', () => {
    const decoder = new RangeDecoder(Uint8Array.of(1, 2, 3));
    const readAll = (): void => {
      for (let i = 0; i < 10; i++) decoder.uniform(256);
    };
    expect(readAll).toThrow(BitstreamError);
    expect(readAll).toThrow(expect.objectContaining({ code: 'PAYLOAD_INVALID' }));
  });
});
