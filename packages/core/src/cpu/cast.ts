/** `cast`: between dtypes. From floats: truncation, saturation, NaN to 0. Between integers: wrapping. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { allocate, type DType, type TypedArray } from '../dtype.ts';
import { fromHalfBits, toHalfBits } from './half.ts';
import type { HostKernel } from './host-kernel.ts';

const limits: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  u8: [0, 255],
};

function saturate(value: number, [low, high]: readonly [number, number]): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(high, Math.max(low, value)));
}

function decode(data: TypedArray, dtype: DType): TypedArray {
  return dtype === 'f16' ? Float32Array.from(data, fromHalfBits) : data;
}

/** x → the dtype of the output. */
export const cast: HostKernel<RequiredKernels['cast']> = ([x], _, [out]) => {
  const values = decode(x!.data, x!.dtype);
  const result = allocate(out!.dtype, values.length);
  const limit = values instanceof Float32Array ? limits[out!.dtype] : undefined;
  if (out!.dtype === 'f16') for (let i = 0; i < values.length; i++) result[i] = toHalfBits(values[i]!);
  else if (limit) for (let i = 0; i < values.length; i++) result[i] = saturate(values[i]!, limit);
  else result.set(values);
  return [result];
};
