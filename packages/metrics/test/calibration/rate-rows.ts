/** Golden values of the Bjøntegaard deltas. */
import { bdMetric, bdRate, type RatePoint } from '../../src/rate/bjontegaard.ts';
import { readJson } from '../../src/testing/data.ts';
import { type CalibrationRow, rowsOf } from './row.ts';

type Curves = Readonly<Record<'R1' | 'D1' | 'R2' | 'D2', readonly number[]>>;
type Expected = Readonly<Record<'cubic' | 'pchip' | 'akima', { readonly bd_psnr: number; readonly bd_rate: number }>>;

/** All of them. */
export function rateRows(): CalibrationRow[] {
  const { bd } = readJson<{ bd: Readonly<Record<string, Curves & Expected>> }>('metric-golden/golden.json');
  const points = (rates: readonly number[], qualities: readonly number[]): RatePoint[] =>
    rates.map((rate, i) => ({ rate, quality: qualities[i]! }));
  return Object.entries(bd).flatMap(([name, { R1, D1, R2, D2, ...expected }]) =>
    (['cubic', 'pchip', 'akima'] as const).flatMap((interpolation) => {
      const [anchor, test] = [points(R1, D1), points(R2, D2)];
      return rowsOf({ case: `curves ${name}`, reference: 'scipy interpolators', isPublished: false }, [
        [
          `BD-rate (${interpolation})`,
          expected[interpolation].bd_rate.toFixed(6),
          bdRate(anchor, test, { interpolation }).delta,
        ],
        [
          `BD-PSNR (${interpolation})`,
          expected[interpolation].bd_psnr.toFixed(6),
          bdMetric(anchor, test, { interpolation }).delta,
        ],
      ]);
    }),
  );
}
