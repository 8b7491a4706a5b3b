/**
 * Curves through a few points, as integrals: piecewise cubics in Hermite form (PCHIP, Akima) and one cubic for all.
 *
 * @see Fritsch & Carlson 1980 (PCHIP, with the three-point ends of Fritsch & Butland 1984); Akima 1970
 */

import { Matrix, solve } from 'ml-matrix';

/** A curve that can be integrated. */
export interface Curve {
  /** ∫ from `low` to `high`, both within the points. */
  integral(low: number, high: number): number;
}

/** Slopes at the points from the abscissae, spacings `h` and secants `d`. */
type SlopeRule = (h: readonly number[], d: readonly number[]) => number[];

/** Fritsch–Carlson slopes: monotone between monotone points. */
export const pchipSlopes: SlopeRule = (h, d) => {
  const n = d.length;
  if (n === 1) return [d[0]!, d[0]!];
  const inner = Array.from({ length: n - 1 }, (_, i) => {
    const [h0, h1, d0, d1] = [h[i]!, h[i + 1]!, d[i]!, d[i + 1]!];
    if (d0 * d1 <= 0) return 0;
    const [w0, w1] = [2 * h1 + h0, h1 + 2 * h0];
    return (w0 + w1) / (w0 / d0 + w1 / d1);
  });
  return [pchipEnd(h[0]!, h[1]!, d[0]!, d[1]!), ...inner, pchipEnd(h[n - 1]!, h[n - 2]!, d[n - 1]!, d[n - 2]!)];
};

function pchipEnd(h0: number, h1: number, d0: number, d1: number): number {
  const slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (Math.sign(slope) !== Math.sign(d0)) return 0;
  return Math.sign(d0) !== Math.sign(d1) && Math.abs(slope) > 3 * Math.abs(d0) ? 3 * d0 : slope;
}

/** Akima's slopes, secants continued linearly beyond the ends. */
export const akimaSlopes: SlopeRule = (_, d) => {
  const n = d.length;
  if (n === 1) return [d[0]!, d[0]!];
  const left = 2 * d[0]! - d[1]!;
  const right = 2 * d[n - 1]! - d[n - 2]!;
  const m = [2 * left - d[0]!, left, ...d, right, 2 * right - d[n - 1]!];
  return Array.from({ length: n + 1 }, (_, i) => {
    const [before, after] = [Math.abs(m[i + 1]! - m[i]!), Math.abs(m[i + 3]! - m[i + 2]!)];
    const total = before + after;
    return total > 0 ? (after * m[i + 1]! + before * m[i + 2]!) / total : (m[i + 1]! + m[i + 2]!) / 2;
  });
};

/** A piecewise cubic through points with strictly rising abscissae. */
export function hermiteCurve(x: readonly number[], y: readonly number[], slopes: SlopeRule): Curve {
  const h = x.slice(1).map((value, i) => value - x[i]!);
  const d = h.map((width, i) => (y[i + 1]! - y[i]!) / width);
  const s = slopes(h, d);
  // y + s·t + c·t² + e·t³ with t from the left point
  const antiderivative = (i: number, t: number): number => {
    const c = (3 * d[i]! - 2 * s[i]! - s[i + 1]!) / h[i]!;
    const e = (s[i]! + s[i + 1]! - 2 * d[i]!) / h[i]! ** 2;
    return (((e / 4) * t + c / 3) * t + s[i]! / 2) * t * t + y[i]! * t;
  };
  return {
    integral: (low, high) =>
      h.reduce((sum, width, i) => {
        const from = Math.min(Math.max(low - x[i]!, 0), width);
        const to = Math.min(Math.max(high - x[i]!, 0), width);
        return sum + antiderivative(i, to) - antiderivative(i, from);
      }, 0),
  };
}

/** The cubic through four points, or the least-squares cubic of more. */
export function cubicCurve(x: readonly number[], y: readonly number[]): Curve {
  // Scaled to [−1, 1], where the powers are well conditioned.
  const [first, last] = [x[0]!, x.at(-1)!];
  const [middle, radius] = [(first + last) / 2, (last - first) / 2];
  const t = x.map((value) => (value - middle) / radius);
  const powers = new Matrix(t.map((value) => [1, value, value ** 2, value ** 3]));
  const c = solve(powers, Matrix.columnVector(y)).to1DArray();
  const antiderivative = (value: number): number => {
    const u = (value - middle) / radius;
    return radius * ((((c[3]! / 4) * u + c[2]! / 3) * u + c[1]! / 2) * u + c[0]!) * u;
  };
  return { integral: (low, high) => antiderivative(high) - antiderivative(low) };
}
