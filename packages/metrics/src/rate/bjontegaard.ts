/**
 * Bjøntegaard deltas: the average distance between two rate–quality curves, over what they have in common.
 *
 * @see Bjøntegaard 2001, VCEG-M33; PCHIP as in the JCT-VC sheets; Herglotz et al. 2022, arXiv:2202.12565 (Akima)
 */
import { InputError } from '../errors.ts';
import { akimaSlopes, type Curve, cubicCurve, hermiteCurve, pchipSlopes } from './piecewise-cubic.ts';

/** One operating point of a codec. */
export interface RatePoint {
  /** Any unit that grows with bytes, > 0. */
  readonly rate: number;
  /** In dB or another scale where averages make sense; MS-SSIM as `msSsimToDecibels`. */
  readonly quality: number;
}

/** How curves run between points. */
export interface BjontegaardOptions {
  /** `'pchip'`; `'cubic'`: one cubic through four points (least squares for more), as VCEG-M33; `'akima'`. Default `'pchip'`. */
  readonly interpolation?: 'pchip' | 'cubic' | 'akima';
}

/** An average difference and how far it can be trusted. */
export interface BjontegaardDelta {
  /** Percent of rate (`bdRate`) or units of quality (`bdMetric`). */
  readonly delta: number;
  /** Common interval as a share of the whole; under 0.75 the number says little. */
  readonly overlap: number;
}

/**
 * Average rate difference at equal quality, in percent; negative where the test saves bits.
 *
 * @param anchor  At least two points (four for `'cubic'`), in any order.
 * @throws InputError `TOO_FEW_SAMPLES`, `VALUE_OUT_OF_RANGE` (bad or repeated points), `NO_OVERLAP`
 */
export function bdRate(
  anchor: readonly RatePoint[],
  test: readonly RatePoint[],
  options: BjontegaardOptions = {},
): BjontegaardDelta {
  const quality = ({ quality: x, rate }: RatePoint): Point => ({ x, y: Math.log10(rate) });
  const { delta, overlap } = difference('bdRate', anchor.map(quality), test.map(quality), options);
  return { delta: (10 ** delta - 1) * 100, overlap };
}

/** Average quality difference at equal rate, in the quality's unit; positive where the test is better. Throws as `bdRate`. */
export function bdMetric(
  anchor: readonly RatePoint[],
  test: readonly RatePoint[],
  options: BjontegaardOptions = {},
): BjontegaardDelta {
  const rate = ({ quality: y, rate }: RatePoint): Point => ({ x: Math.log10(rate), y });
  return difference('bdMetric', anchor.map(rate), test.map(rate), options);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function difference(
  metric: string,
  anchor: readonly Point[],
  test: readonly Point[],
  { interpolation = 'pchip' }: BjontegaardOptions,
): BjontegaardDelta {
  const curves = [anchor, test].map((points) => {
    const sorted = [...points].sort((a, b) => a.x - b.x);
    checkPoints(metric, sorted, interpolation === 'cubic' ? 4 : 2);
    return { x: sorted.map(({ x }) => x), curve: curveThrough(sorted, interpolation) };
  }) as [{ x: number[]; curve: Curve }, { x: number[]; curve: Curve }];
  const ends = curves.map(({ x }) => [x[0]!, x.at(-1)!] as const) as [
    readonly [number, number],
    readonly [number, number],
  ];
  const [low, high] = [Math.max(ends[0][0], ends[1][0]), Math.min(ends[0][1], ends[1][1])];
  if (!(low < high)) {
    throw new InputError({
      code: 'NO_OVERLAP',
      message: `${metric}: expected curves that overlap, got [${ends[0]}] and [${ends[1]}] (rates as log10)`,
      fix: 'Measure operating points that cover a common range',
    });
  }
  const [ofAnchor, ofTest] = curves.map(({ curve }) => curve.integral(low, high)) as [number, number];
  const union = Math.max(ends[0][1], ends[1][1]) - Math.min(ends[0][0], ends[1][0]);
  return { delta: (ofTest - ofAnchor) / (high - low), overlap: (high - low) / union };
}

function curveThrough(points: readonly Point[], interpolation: 'pchip' | 'cubic' | 'akima'): Curve {
  const [x, y] = [points.map((point) => point.x), points.map((point) => point.y)];
  if (interpolation === 'cubic') return cubicCurve(x, y);
  return hermiteCurve(x, y, interpolation === 'pchip' ? pchipSlopes : akimaSlopes);
}

function checkPoints(metric: string, points: readonly Point[], least: number): void {
  if (points.length < least) {
    throw new InputError({
      code: 'TOO_FEW_SAMPLES',
      message: `${metric}: expected at least ${least} points per curve, got ${points.length}`,
      fix: 'Measure more operating points, or use pchip',
    });
  }
  const isUsable = points.every(
    ({ x, y }, i) => Number.isFinite(x) && Number.isFinite(y) && (i === 0 || x > points[i - 1]!.x),
  );
  if (isUsable) return;
  throw new InputError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${metric}: expected finite points with positive rates and no repeated abscissa`,
    fix: 'Remove infinite qualities and duplicated points',
  });
}
