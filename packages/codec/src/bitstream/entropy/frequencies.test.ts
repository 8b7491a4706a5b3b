import { describe, expect, it } from 'vitest';
import { createRandom } from '../training/random.ts';
import { AdaptiveModel, StaticModel, uniformModel } from './frequencies.ts';
import { RangeDecoder, RangeEncoder } from './range-coder.ts';

/** Symbols that follow a steep distribution. */
function symbols(size: number, count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Math.floor(size * random.uniform() ** 3));
}

describe('order-0 models', () => {
  it('restore symbols, also of one or two, and after the counts were halved', () => {
    for (const [size, count] of [
      [1, 10],
      [2, 30000],
      [3, 50],
      [1000, 20000],
      [32768, 9000],
    ] as const) {
      const list = symbols(size, count, size);
      const even = Math.floor(65536 / size);
      const frequencies = Array.from({ length: size }, (_, i) => (i === 0 ? 65536 - even * (size - 1) : even));
      for (const create of [
        () => new AdaptiveModel(size),
        () => new StaticModel(frequencies),
        () => uniformModel(size),
      ]) {
        const encoder = new RangeEncoder();
        const model = create();
        for (const symbol of list) model.encode(encoder, symbol);
        const decoder = new RangeDecoder(encoder.finish());
        const reader = create();
        expect(list.map(() => reader.decode(decoder))).toEqual(list);
      }
    }
  });

  it('cost what the table says', () => {
    const frequencies = [32768, 16384, 8192, 8192];
    const encoder = new RangeEncoder();
    const model = new StaticModel(frequencies);
    // 800 symbols in these shares carry 1.75 bits each: 175 bytes.
    for (let i = 0; i < 800; i++) model.encode(encoder, [0, 0, 0, 0, 1, 1, 2, 3][i % 8]!);
    expect(encoder.finish().length).toBe(175);
  });

  it('learn the frequencies', () => {
    const list = symbols(256, 4000, 9);
    const encoder = new RangeEncoder();
    const model = new AdaptiveModel(256);
    for (const symbol of list) model.encode(encoder, symbol);
    const counts = new Map<number, number>();
    for (const symbol of list) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const entropy = [...counts.values()].reduce((bits, n) => bits - n * Math.log2(n / list.length), 0) / 8;
    const size = encoder.finish().length;
    expect(size).toBeGreaterThan(entropy * 0.98);
    // 15 %: what learning 256 frequencies from 4000 symbols may cost.
    expect(size).toBeLessThan(entropy * 1.15);
  });
});
