/** Eigenvalues and eigenvectors of small symmetric matrices by Jacobi rotations. @see Golub & Van Loan, section 8.5 */

/** Columns of `vectors` belong to `values`. */
export interface Eigensystem {
  readonly values: Float64Array;
  /** `[size, size]`, row-major; column k is the vector of value k. */
  readonly vectors: Float64Array;
}

/** Eigensystem of a symmetric `[size, size]` matrix, which is only read. */
export function jacobiEigensystem(matrix: Float64Array, size: number): Eigensystem {
  const a = matrix.slice();
  const vectors = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const total = Math.hypot(...a);
  // Convergence is quadratic; 50 sweeps are far more than any matrix needs.
  for (let sweep = 0; sweep < 50 && offDiagonal(a, size) > 1e-17 * total; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors };
}

function offDiagonal(a: Float64Array, size: number): number {
  let squares = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) squares += a[i * size + j]! ** 2;
  return Math.sqrt(2 * squares);
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const coupling = a[p * size + q]!;
  if (coupling === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * coupling);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const turn = (m: Float64Array, at: number, to: number): void => {
    const [x, y] = [m[at]!, m[to]!];
    m[at] = c * x - s * y;
    m[to] = s * x + c * y;
  };
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q);
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k);
  for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q);
}

/**
 * vᵀ·A⁺·v with the pseudo-inverse of a symmetric matrix: directions whose eigenvalue is under 10⁻¹⁵ of the largest are
 * left out, as NumPy's `pinv` does.
 */
export function pseudoInverseForm(matrix: Float64Array, v: Float64Array): number {
  const size = v.length;
  const { values, vectors } = jacobiEigensystem(matrix, size);
  const cutoff = 1e-15 * values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  let form = 0;
  for (let k = 0; k < size; k++) {
    if (!(Math.abs(values[k]!) > cutoff)) continue;
    let projection = 0;
    for (let i = 0; i < size; i++) projection += vectors[i * size + k]! * v[i]!;
    form += projection ** 2 / values[k]!;
  }
  return form;
}
