/** Pictures of maps and scores. */
import { describe, expect, it } from 'vitest';
import { syntheticPair } from '../testing/data.ts';
import { drawErrorMap, drawSsimMap, errorMap, heatMap } from './heat-map.ts';
import { hasInk } from './pixel-font.ts';
import { drawScoreChart } from './score-chart.ts';

describe('heat maps', () => {
  it('run from black through red and yellow to white', () => {
    const { data } = heatMap({ data: [-1, 0, 1, 2, 3, 9], width: 6, height: 1 }, { low: 0, high: 3 });
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
});

describe('drawScoreChart', () => {
  it('draws bars in proportion, with labels and numbers', () => {
    const rows = [
      { label: 'a', value: 10 },
      { label: 'bb', value: 5 },
      { label: 'c', value: Number.POSITIVE_INFINITY },
    ];
    const { data, width, height } = drawScoreChart(rows, { title: 'PSNR (dB)', barWidth: 100 });
    expect(data.length).toBe(width * height * 3);
    const barPixels = (row: number): number => {
      const y = 8 + (row + 1) * 18;
      return Array.from({ length: width }, (_, x) => data[(y * width + x) * 3]!).filter((red) => red === 70).length;
    };
    expect([barPixels(0), barPixels(1), barPixels(2)]).toEqual([100, 50, 100]);
  });

  it('writes legible glyphs', () => {
    const drawn = Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: 7 }, (_, x) => (hasInk('h1', x, y) ? '#' : '.')).join(''),
    );
    expect(drawn).toEqual(['#.#..#.', '#.#.##.', '###..#.', '#.#..#.', '#.#.###']);
  });

  it('refuses nothing and NaN', () => {
    expect(() => drawScoreChart([])).toThrow(/at least one row/);
    expect(() => drawScoreChart([{ label: 'x', value: Number.NaN }])).toThrow(/NaN for 'x'/);
  });
});
