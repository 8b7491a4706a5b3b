/**
 * Eigenvalues of a symmetric matrix in float64: Householder reduction to tridiagonal form, then implicit QL. Eigenvectors
 * are not needed for a Fréchet distance, which saves most of the work.
 *
 * @see Golub & Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3
 */

/**
 * Eigenvalues in no particular order.
 *
 * @param matrix  Symmetric `[size, size]`; its lower triangle is read and overwritten.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, below } = tridiagonalize(matrix, size);
  implicitQl(diagonal, below);
  return diagonal;
}

/** Reduces to tridiagonal form from the last row up, in the lower triangle alone. */
function tridiagonalize(a: Float64Array, size: number): { diagonal: Float64Array; below: Float64Array } {
  const diagonal = new Float64Array(size);
  const below = new Float64Array(size);
  const product = new Float64Array(size);
  for (let i = size - 1; i > 0; i--) {
    const row = i * size;
    // The Householder vector replaces the row left of the diagonal: v with (I − 2vvᵀ/vᵀv)·row = (0, …, 0, ±length).
    let scale = 0;
    for (let k = 0; k < i; k++) scale = Math.max(scale, Math.abs(a[row + k]!));
    diagonal[i] = a[row + i]!;
    if (scale === 0) continue;
    let squares = 0;
    for (let k = 0; k < i; k++) {
      a[row + k]! /= scale;
      squares += a[row + k]! ** 2;
    }
    const last = a[row + i - 1]!;
    const length = last >= 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    below[i] = length * scale;
    const half = squares - last * length; // vᵀv / 2
    a[row + i - 1] = last - length;
    rankTwoUpdate(a, size, i, half, product);
  }
  diagonal[0] = a[0]!;
  return { diagonal, below };
}

/** A ← (I − vvᵀ/half)·A·(I − vvᵀ/half) on the leading i×i block, v being row i. */
function rankTwoUpdate(a: Float64Array, size: number, i: number, half: number, product: Float64Array): void {
  const v = i * size;
  product.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const row = j * size;
    const vj = a[v + j]!;
    let sum = a[row + j]! * vj;
    for (let k = 0; k < j; k++) {
      const value = a[row + k]!;
      sum += value * a[v + k]!;
      product[k]! += value * vj;
    }
    product[j]! += sum;
  }
  let inner = 0;
  for (let j = 0; j < i; j++) {
    product[j]! /= half;
    inner += product[j]! * a[v + j]!;
  }
  const shift = inner / (2 * half);
  for (let j = 0; j < i; j++) product[j]! -= shift * a[v + j]!;
  for (let j = 0; j < i; j++) {
    const row = j * size;
    const vj = a[v + j]!;
    const wj = product[j]!;
    for (let k = 0; k <= j; k++) a[row + k]! -= vj * product[k]! + wj * a[v + k]!;
  }
}

/** Diagonalises a tridiagonal matrix; `below[i]` couples i − 1 and i. The eigenvalues end up in `diagonal`. */
function implicitQl(diagonal: Float64Array, below: Float64Array): void {
  const size = diagonal.length;
  const e = new Float64Array(size);
  e.set(below.subarray(1));
  for (let first = 0; first < size; first++) {
    for (;;) {
      let last = first;
      for (; last < size - 1; last++) {
        const neighbours = Math.abs(diagonal[last]!) + Math.abs(diagonal[last + 1]!);
        if (Math.abs(e[last]!) <= Number.EPSILON * neighbours) break;
      }
      if (last === first) break;
      qlStep(diagonal, e, first, last);
    }
  }
}

/** One implicit QL step with Wilkinson's shift on the block from `first` to `last`. */
function qlStep(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const slope = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const radius = Math.hypot(slope, 1);
  let g = d[last]! - d[first]! + e[first]! / (slope + (slope >= 0 ? radius : -radius));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      // The block splits here.
      d[i + 1]! -= shift;
      e[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    const difference = d[i + 1]! - shift;
    const turned = (d[i]! - difference) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = difference + shift;
    g = cosine * turned - b;
  }
  d[first]! -= shift;
  e[first] = g;
  e[last] = 0;
}
