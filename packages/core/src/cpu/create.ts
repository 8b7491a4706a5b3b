/** `fill` and `range`: values from nothing. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { allocate, type DType, sizeOf, type TypedArray } from '../dtype.ts';
import { toHalfBits } from './half.ts';
import type { HostKernel } from './host-kernel.ts';

/** How a number is stored in an array of `dtype`: f16 arrays hold bits. */
function storedValue(value: number, dtype: DType): number {
  return dtype === 'f16' ? toHalfBits(value) : value;
}

/** A new array of `size` times the same value. */
export function filled(dtype: DType, size: number, value: number): TypedArray {
  return allocate(dtype, size).fill(storedValue(value, dtype));
}

/** () → every element is `value`. */
export const fill: HostKernel<RequiredKernels['fill']> = (_, { value }, [out]) => [
  filled(out!.dtype, sizeOf(out!.shape), value),
];

/** () → `[n]`: start + i·step, each computed in float64 and rounded once. */
export const range: HostKernel<RequiredKernels['range']> = (_, { start, step }, [out]) => {
  const { dtype, shape } = out!;
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = storedValue(start + i * step, dtype);
  return [data];
};
