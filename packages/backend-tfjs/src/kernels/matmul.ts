/** `matmul`: tfjs's batched product, which broadcasts a batch of 1. */
import type { RequiredKernels } from '@vqkit/core';
import type { TensorInfo } from '../runtime/tf-types.ts';
import type { TfKernel } from './tf-kernel.ts';

/** a, b → a·b for each of the batch. */
export const matmul: TfKernel<RequiredKernels['matmul']> = (frame, [a, b], { transposeA, transposeB }, [out]) => {
  const batch = out!.shape[0]!;
  const { largestBatch } = frame.runtime.traits;
  const multiply = (x: TensorInfo, y: TensorInfo): TensorInfo =>
    frame.call('BatchMatMul', { a: x, b: y }, { transposeA, transposeB });
  if (batch <= largestBatch) return [multiply(a!.info, b!.info)];
  const products: TensorInfo[] = [];
  for (let start = 0; start < batch; start += largestBatch) {
    const size = Math.min(largestBatch, batch - start);
    const part = (x: TensorInfo): TensorInfo =>
      x.shape[0] === 1
        ? x
        : frame.call('Slice', { x }, { begin: [start, 0, 0], size: [size, x.shape[1]!, x.shape[2]!] });
    products.push(multiply(part(a!.info), part(b!.info)));
  }
  return [frame.call('Concat', products, { axis: 0 })];
};
