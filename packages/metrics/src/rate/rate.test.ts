/** Bjøntegaard deltas against scipy's interpolators (golden cases), and bits per pixel. */
import { describe, expect, it } from 'vitest';
import type { InputError } from '../errors.ts';
import { lacks, readJson } from '../testing/data.ts';
import { bitsPerPixel, entropyBpp, fixedLengthBpp } from './bits-per-pixel.ts';
import { bdMetric, bdRate, type RatePoint } from './bjontegaard.ts';

interface GoldenCurves {
  readonly R1: number[];
  readonly D1: number[];
  readonly R2: number[];
  readonly D2: number[];
}
type Golden = Record<string, GoldenCurves & Record<'cubic' | 'pchip' | 'akima', { bd_psnr: number; bd_rate: number }>>;

const pointsOf = (rates: readonly number[], qualities: readonly number[]): RatePoint[] =>
  rates.map((rate, i) => ({ rate, quality: qualities[i]! }));
const curve = (scale: number, gain: number): RatePoint[] =>
  [1, 2, 4, 8].map((rate) => ({ rate: rate * scale, quality: 30 + 3 * Math.log2(rate) + gain }));

describe('bdRate and bdMetric', () => {
  it.skipIf(lacks('metric-golden/golden.json'))('give the golden values of every interpolation to six digits', () => {
    const golden = readJson<{ bd: Golden }>('metric-golden/golden.json').bd;
    for (const { R1, D1, R2, D2, ...expected } of Object.values(golden)) {
      for (const interpolation of ['cubic', 'pchip', 'akima'] as const) {
        const [anchor, test] = [pointsOf(R1, D1).reverse(), pointsOf(R2, D2)];
        expect(bdMetric(anchor, test, { interpolation }).delta).toBeCloseTo(expected[interpolation].bd_psnr, 6);
        expect(bdRate(anchor, test, { interpolation }).delta).toBeCloseTo(expected[interpolation].bd_rate, 6);
      }
    }
  });

  it('find a constant factor and a constant gain', () => {
    for (const interpolation of ['cubic', 'pchip', 'akima'] as const) {
      expect(bdRate(curve(1, 0), curve(0.8, 0), { interpolation }).delta).toBeCloseTo(-20, 9);
      expect(bdMetric(curve(1, 0), curve(1, 0.5), { interpolation }).delta).toBeCloseTo(0.5, 12);
    }
    expect(bdRate(curve(1, 0), curve(0.8, 0)).overlap).toBe(1);
    expect(bdRate(curve(1, 0), curve(1, 3)).overlap).toBeCloseTo(0.5, 12);
  });

  it('refuse curves apart, single points and repeated ones', () => {
    const codeOf = (fn: () => unknown): string => {
      try {
        fn();
        return 'nothing thrown';
      } catch (error) {
        return (error as InputError).code;
      }
    };
    expect(codeOf(() => bdRate(curve(1, 0), curve(1, 20)))).toBe('NO_OVERLAP');
    expect(codeOf(() => bdRate(curve(1, 0).slice(0, 1), curve(1, 0)))).toBe('TOO_FEW_SAMPLES');
    expect(codeOf(() => bdRate(curve(1, 0).slice(1), curve(1, 0), { interpolation: 'cubic' }))).toBe('TOO_FEW_SAMPLES');
    expect(codeOf(() => bdMetric([...curve(1, 0), ...curve(1, 1)], curve(1, 0)))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => bdRate(curve(0, 0), curve(1, 0)))).toBe('VALUE_OUT_OF_RANGE');
  });
});

describe('bits per pixel', () => {
  it('count whole files, fixed-length codes and ideally coded ones', () => {
    expect(bitsPerPixel(1000, { width: 100, height: 80 })).toBe(1);
    expect(fixedLengthBpp(256, 1000, { width: 256, height: 256 })).toBe((256 * 10) / 65536);
    expect(entropyBpp(256, 512, { width: 256, height: 256 })).toBeCloseTo((256 * 9) / 65536, 12);
    expect(() => bitsPerPixel(1, { width: 0, height: 2 })).toThrow(/positive whole width/);
  });
});
