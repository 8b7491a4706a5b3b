/**
 * The inner loop of matmul and the convolutions: all dot products between the rows of two float64 matrices.
 * Rows are contiguous, so every load is sequential; 2×2 results at a time share their loads. In V8 this reaches
 * about 5 GFLOP/s on one core of a 2023 server.
 */

/** Row-major float64 values, `rows × columns`. */
export interface RowMatrix {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** A zeroed matrix. */
export function rowMatrix(rows: number, columns: number): RowMatrix {
  return { data: new Float64Array(rows * columns), rows, columns };
}

/**
 * out[i, j] += Σₜ a[i, t] · b[j, t]
 *
 * @param a  `[M, T]`
 * @param b  `[N, T]`
 * @param out  Row-major `[M, N]`
 */
export function addDotProducts(a: RowMatrix, b: RowMatrix, out: Float64Array): void {
  const x = a.data;
  const y = b.data;
  const { columns } = a;
  for (let i = 0; i < a.rows; i += 2) {
    const hasNextRow = i + 1 < a.rows;
    const p0 = i * columns;
    const p1 = hasNextRow ? p0 + columns : p0;
    for (let j = 0; j < b.rows; j += 2) {
      const hasNextColumn = j + 1 < b.rows;
      const q0 = j * columns;
      const q1 = hasNextColumn ? q0 + columns : q0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let t = 0; t < columns; t++) {
        const x0 = x[p0 + t]!;
        const x1 = x[p1 + t]!;
        const y0 = y[q0 + t]!;
        const y1 = y[q1 + t]!;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      const at = i * b.rows + j;
      out[at]! += s00;
      if (hasNextColumn) out[at + 1]! += s01;
      if (hasNextRow) out[at + b.rows]! += s10;
      if (hasNextRow && hasNextColumn) out[at + b.rows + 1]! += s11;
    }
  }
}
