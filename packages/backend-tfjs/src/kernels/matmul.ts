/** `matmul`: tfjs's batched product, which broadcasts a batch of 1. */
import type { RequiredKernels } from '@vqkit/core';
import type { TfKernel } from './tf-kernel.ts';

/** a, b → a·b for each of the batch. */
export const matmul: TfKernel<RequiredKernels['matmul']> = (frame, [a, b], { transposeA, transposeB }) => [
  frame.call('BatchMatMul', { a: a!.info, b: b!.info }, { transposeA, transposeB }),
];
