/** Pictures of maps. */
import { describe, expect, it } from 'vitest';
import { syntheticPair } from '../testing/data.ts';
import { drawDifferences, drawErrorMap, drawSsimMap, errorMap, heatMap } from './heat-map.ts';

describe('heat maps', () => {
  it('run from black through red and yellow to white', () => {
    const { data } = heatMap({ data: Float64Array.of(-1, 0, 1, 2, 3, 9), width: 6, height: 1 }, { low: 0, high: 3 });
    expect([...data]).toEqual([0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 255, 0, 255, 255, 255, 255, 255, 255]);
  });

  it('show where images differ, and nothing where they do not', () => {
    const { a } = syntheticPair(20, 24);
    const changed = { ...a, data: a.data.slice() };
    changed.data[(5 * 24 + 7) * 3 + 1]! ^= 0x80;
    const map = errorMap(a, changed);
    expect(Array.from(map.data).flatMap((value, i) => (value > 0 ? [i] : []))).toEqual([5 * 24 + 7]);
    expect(map.data[5 * 24 + 7]).toBeCloseTo(128 / Math.sqrt(3), 10);
    expect(drawErrorMap(a, a).data.every((value) => value === 0)).toBe(true);
    const picture = drawSsimMap(a, changed);
    expect([picture.width, picture.height]).toEqual([14, 10]);
    expect(picture.data.some((value) => value > 0)).toBe(true);
  });

  it('come together for large images, without structure where no window fits', async () => {
    const { a, b } = syntheticPair(20, 24);
    expect(await drawDifferences(a, b)).toEqual({ error: drawErrorMap(a, b), structure: drawSsimMap(a, b) });
    const { a: tiny } = syntheticPair(10, 24);
    expect((await drawDifferences(tiny, tiny)).structure).toBeUndefined();
  });
});
