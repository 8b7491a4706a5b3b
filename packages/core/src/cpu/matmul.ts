/** `matmul`: batched matrix products, accumulated in float64. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { sizeOf, type TypedArray } from '../dtype.ts';
import { addDotProducts, type RowMatrix, rowMatrix } from './dot-products.ts';
import type { HostKernel, HostTensor } from './host-kernel.ts';

/** Copies a `rows × columns` matrix (stored the other way round when `isTransposed`) from `offset` on. */
function packRows(data: TypedArray, offset: number, target: RowMatrix, isTransposed: boolean): RowMatrix {
  const { rows, columns } = target;
  if (!isTransposed) {
    target.data.set(data.subarray(offset, offset + rows * columns));
    return target;
  }
  for (let t = 0; t < columns; t++) {
    for (let i = 0; i < rows; i++) target.data[i * columns + t] = data[offset + t * rows + i]!;
  }
  return target;
}

/** Offset of batch entry `index`; a batch of one serves all. */
function batchOffset({ shape }: HostTensor, index: number): number {
  return shape[0] === 1 ? 0 : index * shape[1]! * shape[2]!;
}

/** a `[Ba, M, K]`, b `[Bb, K, N]` → `[B, M, N]`. */
export const matmul: HostKernel<RequiredKernels['matmul']> = ([a, b], { transposeA, transposeB }, [out]) => {
  const [batch, m, n] = out!.shape as [number, number, number];
  const k = a!.shape[transposeA ? 1 : 2]!;
  const result = new Float32Array(sizeOf(out!.shape));
  const left = rowMatrix(m, k);
  const right = rowMatrix(n, k);
  const sums = new Float64Array(m * n);
  for (let i = 0; i < batch; i++) {
    packRows(a!.data, batchOffset(a!, i), left, transposeA);
    packRows(b!.data, batchOffset(b!, i), right, !transposeB);
    addDotProducts(left, right, sums.fill(0));
    result.set(sums, i * m * n);
  }
  return [result];
};
