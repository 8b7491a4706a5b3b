/** `fill` and `range`: made on the host, as tfjs itself does. */
import { allocate, type RequiredKernels, sizeOf } from '@vqkit/core';
import type { TfKernel } from './tf-kernel.ts';

/** () → every element is `value`. */
export const fill: TfKernel<RequiredKernels['fill']> = (frame, _, { value }, [out]) => [
  frame.full(out!.shape, out!.dtype, value),
];

/** () → `[n]`: start + i·step. */
export const range: TfKernel<RequiredKernels['range']> = (frame, _, { start, step }, [out]) => {
  const { shape, dtype } = out!;
  const data = allocate(dtype === 'f16' ? 'f32' : dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = start + i * step;
  return [frame.values(data, shape, dtype)];
};
