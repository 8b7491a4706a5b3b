/**
 * Orthogonal matrices from others, in float64 on the host: the rotation nearest to a matrix (Procrustes) and the axes
 * of a covariance (PCA). Both come from one-sided Jacobi rotations, which are slow for large matrices and accurate for
 * all of them, also singular ones.
 *
 * @see Hestenes 1958, doi:10.1137/0106005; Schönemann 1966, doi:10.1007/BF02289451
 */

/** A square matrix, row-major. */
export interface Matrix {
  readonly size: number;
  readonly values: Float64Array;
}

/** M = U·diag(s)·Vᵀ; columns of U where s is 0 are completed to an orthogonal matrix. */
export interface Singular {
  readonly u: Matrix;
  /** Not negative, not sorted. */
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** Singular value decomposition of a square matrix. */
export function decompose({ size, values }: Matrix): Singular {
  const a = columnsOf(size, values);
  const v = columnsOf(size, identityValues(size));
  // Sweeps converge quadratically; ten are more than float64 needs for a few hundred rows.
  for (let sweep = 0; sweep < 30; sweep++) if (!rotateAll(a, v)) break;
  const s = Float64Array.from(a, (column) => Math.sqrt(dot(column, column)));
  return { u: matrixOf(completed(a, s)), s, v: matrixOf(v) };
}

/** The orthogonal R that makes ‖XR − Y‖ smallest, given XᵀY. */
export function nearestRotation(product: Matrix): Matrix {
  const { u, v } = decompose(product);
  const { size } = product;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let total = 0;
      for (let k = 0; k < size; k++) total += u.values[i * size + k]! * v.values[j * size + k]!;
      values[i * size + j] = total;
    }
  }
  return { size, values };
}

/** One rotation for each pair of columns that is not orthogonal yet; whether there was one. */
function rotateAll(a: Float64Array[], v: Float64Array[]): boolean {
  let isRotated = false;
  for (let p = 0; p < a.length; p++) {
    for (let q = p + 1; q < a.length; q++) {
      const [x, y] = [a[p]!, a[q]!];
      const [alpha, beta, gamma] = [dot(x, x), dot(y, y), dot(x, y)];
      // 1e-15: orthogonal to float64's precision.
      if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) continue;
      isRotated = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const c = 1 / Math.hypot(1, t);
      turn(x, y, c, c * t);
      turn(v[p]!, v[q]!, c, c * t);
    }
  }
  return isRotated;
}

function turn(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/** Columns scaled to length 1; those of length 0 replaced by axes made orthogonal to the others. */
function completed(columns: readonly Float64Array[], lengths: Float64Array): Float64Array[] {
  const size = columns.length;
  const floor = Math.max(...lengths) * 1e-12;
  const units = columns.map((column, k) => (lengths[k]! > floor ? column.map((x) => x / lengths[k]!) : undefined));
  const found = units.filter((unit) => unit !== undefined);
  let axis = 0;
  return units.map((unit) => {
    if (unit) return unit;
    for (; ; axis++) {
      const candidate = new Float64Array(size);
      candidate[axis % size] = 1;
      // Twice is enough for orthogonality to rounding.
      for (let pass = 0; pass < 2; pass++) for (const other of found) subtract(candidate, other, dot(candidate, other));
      const length = Math.sqrt(dot(candidate, candidate));
      // Of `size` axes at least one keeps this much outside of fewer than `size` directions.
      if (length < 0.5 / Math.sqrt(size)) continue;
      const fresh = candidate.map((x) => x / length);
      found.push(fresh);
      return fresh;
    }
  });
}

function subtract(x: Float64Array, y: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i]! -= factor * y[i]!;
}

function dot(x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

function columnsOf(size: number, values: Float64Array): Float64Array[] {
  return Array.from({ length: size }, (_, j) => Float64Array.from({ length: size }, (_, i) => values[i * size + j]!));
}

function matrixOf(columns: readonly Float64Array[]): Matrix {
  const size = columns.length;
  return {
    size,
    values: Float64Array.from({ length: size * size }, (_, at) => columns[at % size]![Math.floor(at / size)]!),
  };
}

function identityValues(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}
