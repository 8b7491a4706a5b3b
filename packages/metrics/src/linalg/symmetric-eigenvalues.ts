/**
 * Eigenvalues of a symmetric matrix, without vectors: Householder's reduction to three diagonals, then QL steps with implicit
 * shifts. In steps, since thousands of dimensions take seconds, and along rows, as memory has them.
 *
 * @see Martin, Reinsch, Wilkinson 1968, "Householder's tridiagonalization of a symmetric matrix"; Dubrulle, Martin,
 *   Wilkinson 1968, "The implicit QL algorithm"; EISPACK's tred1 and imtql1 (public domain)
 */
import type { Steps } from '@vqkit/core';

/** QL steps that an eigenvalue may take: two are usual. */
const maxSteps = 60;

/**
 * Eigenvalues in no order.
 *
 * @param a  `[size, size]`, of which the lower triangle counts; overwritten.
 */
export function* symmetricEigenvalues(a: Float64Array, size: number): Steps<Float64Array> {
  const { diagonal, below } = yield* tridiagonal(a, size);
  for (let l = 0; l < size; l++) {
    for (let step = 0; step < maxSteps; step++) {
      let m = l;
      while (m < size - 1 && !isNothing(below[m]!, diagonal[m]!, diagonal[m + 1]!)) m++;
      if (m === l) break;
      qlStep(diagonal, below, l, m);
    }
    if (l % 64 === 63) yield;
  }
  return diagonal;
}

const isNothing = (value: number, a: number, b: number): boolean =>
  Math.abs(value) <= Number.EPSILON * (Math.abs(a) + Math.abs(b));

/** One QL step on the block from `l` to `m`, shifted towards its upper left eigenvalue. */
function qlStep(diagonal: Float64Array, below: Float64Array, l: number, m: number): void {
  const slope = (diagonal[l + 1]! - diagonal[l]!) / (2 * below[l]!);
  const root = Math.sqrt(slope * slope + 1);
  let g = diagonal[m]! - diagonal[l]! + below[l]! / (slope + (slope < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const [f, b] = [sine * below[i]!, cosine * below[i]!];
    const length = Math.sqrt(f * f + g * g);
    below[i + 1] = length;
    if (length === 0) {
      // The block falls apart here.
      diagonal[i + 1]! -= shift;
      below[m] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    const rest = diagonal[i + 1]! - shift;
    const turned = (diagonal[i]! - rest) * sine + 2 * cosine * b;
    shift = sine * turned;
    diagonal[i + 1] = rest + shift;
    g = cosine * turned - b;
  }
  diagonal[l]! -= shift;
  below[l] = g;
  below[m] = 0;
}

/** The diagonal, and what stands below it, one value to each but the last. */
function* tridiagonal(a: Float64Array, size: number): Steps<{ diagonal: Float64Array; below: Float64Array }> {
  const [diagonal, below] = [new Float64Array(size), new Float64Array(size)];
  const p = new Float64Array(size);
  for (let i = size - 1; i > 0; i--) {
    const u = a.subarray(i * size, i * size + i);
    diagonal[i] = a[i * size + i]!;
    below[i - 1] = reflect(a, u, p, size);
    yield;
  }
  if (size > 0) diagonal[0] = a[0]!;
  return { diagonal, below };
}

/**
 * Reflects the leading block so that of the row `u` below it the last value alone is left.
 *
 * @param p  Room for as many values.
 * @returns That value.
 */
function reflect(a: Float64Array, u: Float64Array, p: Float64Array, size: number): number {
  const length = u.length;
  let scale = 0;
  for (let k = 0; k < length - 1; k++) scale += Math.abs(u[k]!);
  if (scale === 0) return u[length - 1]!;
  scale += Math.abs(u[length - 1]!);
  let h = 0;
  for (let k = 0; k < length; k++) {
    u[k]! /= scale;
    h += u[k]! * u[k]!;
  }
  const last = u[length - 1]!;
  const g = last < 0 ? Math.sqrt(h) : -Math.sqrt(h);
  h -= last * g;
  u[length - 1] = last - g;
  // p = A·u, each value of the lower triangle read once.
  for (let j = 0; j < length; j++) {
    const row = j * size;
    const uj = u[j]!;
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const value = a[row + k]!;
      sum += value * u[k]!;
      p[k]! += value * uj;
    }
    p[j] = sum + a[row + j]! * uj;
  }
  let along = 0;
  for (let k = 0; k < length; k++) along += p[k]! * u[k]!;
  const share = along / (2 * h * h);
  for (let k = 0; k < length; k++) p[k] = p[k]! / h - share * u[k]!;
  for (let j = 0; j < length; j++) {
    const row = j * size;
    const [uj, pj] = [u[j]!, p[j]!];
    for (let k = 0; k <= j; k++) a[row + k]! -= uj * p[k]! + pj * u[k]!;
  }
  return scale * g;
}
