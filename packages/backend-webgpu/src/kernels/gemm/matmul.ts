/** `matmul`: chooses among the matrix-product kernels. */
import { type RequiredKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../../plan.ts';
import { plainEpilogue } from './epilogue.ts';
import { type ProductSizes, registerProduct } from './register-matmul.ts';

/** a `[Ba,M,K]`, b `[Bb,K,N]` (either transposed) → `[B,M,N]`. */
export const matmul: Kernel<RequiredKernels['matmul']> = ({ inputs, attributes, outputs }) => {
  const { transposeA, transposeB } = attributes;
  const [a, b] = inputs.map(({ shape }) => shape as [number, number, number]);
  const [batch, rows, columns] = outputs[0]!.shape as [number, number, number];
  if (sizeOf(outputs[0]!.shape) === 0) return emptyPlan;
  const sizes: ProductSizes = {
    batch,
    rows,
    depth: transposeA ? a![1] : a![2],
    columns,
    transposeA,
    transposeB,
    isSharedA: a![0] === 1,
    isSharedB: b![0] === 1,
  };
  return planOf(registerProduct(sizes, { a: input(0), b: input(1) }, plainEpilogue(output()), { rows: 4, columns: 8 }));
};
