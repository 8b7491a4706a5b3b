import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { precisionRecall } from './precision-recall.ts';

describe('precisionRecall', () => {
  it('counts by hand on a line', () => {
    // With k = 1 the real ones have balls of radius 1 around 0, 1 and 2, and of radius 3 around 5.
    const real = Float64Array.of(0, 1, 2, 5);
    // The others of radius 0.5 around 0.5 and 1, and of 3 around 4: 0, 1, 2 and 5 lie in one; of the others all but 9.
    const generated = Float64Array.of(0.5, 1, 4, 9);
    expect(precisionRecall(real, generated, 1, { neighbours: 1 })).toEqual({ precision: 3 / 4, recall: 1 });
  });

  it('is 1 and 1 for a set and itself, 0 and 0 for sets far apart', () => {
    const a = random(1).normalArray(700 * 4);
    expect(precisionRecall(a, a, 4)).toEqual({ precision: 1, recall: 1 });
    const b = a.map((value) => value + 1000);
    expect(precisionRecall(a, b, 4)).toEqual({ precision: 0, recall: 0 });
  });

  it('tells samples that are all alike (precise, little recalled) from those that spread too far', () => {
    const real = random(2).normalArray(600 * 3);
    const [alike, spread] = [0.3, 3].map((scale) =>
      random(3)
        .normalArray(600 * 3)
        .map((value) => scale * value),
    );
    const [narrow, wide] = [alike!, spread!].map((generated) => precisionRecall(real, generated, 3));
    expect(narrow!.precision).toBeGreaterThan(0.95);
    expect(narrow!.recall).toBeLessThan(0.3);
    expect(wide!.precision).toBeLessThan(0.4);
    expect(wide!.recall).toBeGreaterThan(0.9);
  });

  it('refuses rows that do not fit, and too few', () => {
    const a = new Float64Array(12);
    expect(() => precisionRecall(a, new Float64Array(13), 3)).toThrow(
      /expected more than 3 rows of 3 features, got 13/,
    );
    expect(() => precisionRecall(a, new Float64Array(9), 3)).toThrow(/got 9 values/);
  });
});
