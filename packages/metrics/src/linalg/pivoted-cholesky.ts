/**
 * Cholesky factor of a positive semidefinite matrix with the largest pivot first: it ends where the rank ends, so
 * covariances of fewer samples than dimensions need no correction and cost less.
 *
 * @see Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 10.3
 */
import type { Steps } from '@vqkit/core';

/** A factor with A = FᵀF. */
export interface Factor {
  readonly rank: number;
  /** `[rank, size]`, row-major. */
  readonly rows: Float64Array;
}

/**
 * Factors a symmetric positive semidefinite matrix, in steps of one row.
 *
 * @param a  `[size, size]`; only read.
 */
export function* pivotedCholesky(a: Float64Array, size: number): Steps<Factor> {
  const diagonal = Float64Array.from({ length: size }, (_, i) => a[i * size + i]!);
  // What rounding leaves of a pivot that should be zero.
  const tolerance = size * Number.EPSILON * diagonal.reduce((largest, value) => Math.max(largest, value), 0);
  // By rows of the matrix while it is made, so that the sums run along memory.
  const factor = new Float64Array(size * size);
  const isDone = new Uint8Array(size);
  let rank = 0;
  for (; rank < size; rank++) {
    let pivot = -1;
    for (let i = 0; i < size; i++) if (!isDone[i] && (pivot < 0 || diagonal[i]! > diagonal[pivot]!)) pivot = i;
    if (!(diagonal[pivot]! > tolerance)) break;
    const root = Math.sqrt(diagonal[pivot]!);
    isDone[pivot] = 1;
    const from = pivot * size;
    factor[from + rank] = root;
    for (let i = 0; i < size; i++) {
      if (isDone[i]) continue;
      const row = i * size;
      let sum = a[row + pivot]!;
      for (let k = 0; k < rank; k++) sum -= factor[row + k]! * factor[from + k]!;
      const value = sum / root;
      factor[row + rank] = value;
      diagonal[i]! -= value * value;
    }
    yield;
  }
  const rows = new Float64Array(rank * size);
  for (let i = 0; i < size; i++) for (let k = 0; k < rank; k++) rows[k * size + i] = factor[i * size + k]!;
  return { rank, rows };
}
