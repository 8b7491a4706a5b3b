/**
 * Products of matrices in float64, for statistics that float32 would spoil. Rows are contiguous; both factors are given
 * by rows, so that every sum runs along memory, and four rows meet two at a time to reuse what was loaded. In steps of four rows.
 */
import type { Steps } from '@vqkit/core';

/** Values of a matrix, row-major. */
export type Matrix = Float64Array | Float32Array;

/** C += A·Bᵀ. @param a  `[rows, depth]` @param b  `[columns, depth]` @param c  `[rows, columns]` */
export function* addProduct(
  c: Float64Array,
  a: Matrix,
  b: Matrix,
  rows: number,
  columns: number,
  depth: number,
): Steps<void> {
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < columns; j += 2) tile(c, a, b, i, j, rows, columns, depth);
    yield;
  }
}

/** Lower triangle (and some above) of C += A·Aᵀ. @param a  `[rows, depth]` @param c  `[rows, rows]` */
export function* addGram(c: Float64Array, a: Matrix, rows: number, depth: number): Steps<void> {
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < Math.min(i + 4, rows); j += 2) tile(c, a, a, i, j, rows, rows, depth);
    yield;
  }
}

/** Copies the lower triangle to the upper one. */
export function symmetrize(c: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) c[j * size + i] = c[i * size + j]!;
  }
}

/** Four rows of A by two of B; at the edges fewer. */
function tile(
  c: Float64Array,
  a: Matrix,
  b: Matrix,
  i: number,
  j: number,
  rows: number,
  columns: number,
  depth: number,
): void {
  if (i + 4 > rows || j + 2 > columns) {
    for (let r = i; r < Math.min(i + 4, rows); r++) {
      for (let s = j; s < Math.min(j + 2, columns); s++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += a[r * depth + k]! * b[s * depth + k]!;
        c[r * columns + s]! += sum;
      }
    }
    return;
  }
  const [a0, a1, a2, a3] = [i * depth, (i + 1) * depth, (i + 2) * depth, (i + 3) * depth];
  const [b0, b1] = [j * depth, (j + 1) * depth];
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let k = 0; k < depth; k++) {
    const x = b[b0 + k]!;
    const y = b[b1 + k]!;
    const p = a[a0 + k]!;
    const q = a[a1 + k]!;
    const r = a[a2 + k]!;
    const s = a[a3 + k]!;
    s00 += p * x;
    s01 += p * y;
    s10 += q * x;
    s11 += q * y;
    s20 += r * x;
    s21 += r * y;
    s30 += s * x;
    s31 += s * y;
  }
  const at = i * columns + j;
  c[at]! += s00;
  c[at + 1]! += s01;
  c[at + columns]! += s10;
  c[at + columns + 1]! += s11;
  c[at + 2 * columns]! += s20;
  c[at + 2 * columns + 1]! += s21;
  c[at + 3 * columns]! += s30;
  c[at + 3 * columns + 1]! += s31;
}
