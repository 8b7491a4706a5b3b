/** Host values for cases, the same on every run: uniform noise, distinct values, indices, small integers. */
import { type HostTensor, hostTensor } from '../cpu/host-kernel.ts';
import { type DType, type Shape, sizeOf, type TensorSpec } from '../dtype.ts';
import { random } from '../index.ts';

/** A spec, shorter to write. */
export function spec(dtype: DType, ...shape: readonly number[]): TensorSpec {
  return { shape, dtype };
}

/** Uniform f32 values in [low, high). */
export function noise(shape: Shape, seed = 1, low = -1, high = 1): HostTensor {
  return hostTensor('f32', shape, random(seed).uniformArray(sizeOf(shape), low, high));
}

/**
 * f32 values in [low, high) that are all apart by at least half of (high − low)/size and stay away from 0, so that
 * kinks and ties do not disturb differences.
 */
export function distinct(shape: Shape, seed = 1, low = -1, high = 1): HostTensor {
  const size = sizeOf(shape);
  const order = random(seed).permutation(size);
  const gap = (high - low) / Math.max(size, 1);
  // An offset of a third of a gap keeps the grid off zero for symmetric ranges, whatever the parity of the size.
  return hostTensor(
    'f32',
    shape,
    Array.from(order, (place) => low + (place + 1 / 3) * gap),
  );
}

/** Uniform whole numbers in [0, bound), as u32 unless another dtype is given. */
export function indices(shape: Shape, bound: number, seed = 1, dtype: DType = 'u32'): HostTensor {
  return integers(dtype, shape, 0, bound, seed);
}

/** Uniform whole numbers in [low, high). */
export function integers(dtype: DType, shape: Shape, low: number, high: number, seed = 1): HostTensor {
  const stream = random(seed);
  return hostTensor(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + stream.integer(high - low)),
  );
}

/** Values of any dtype that look alike everywhere: whole numbers (f16: any finite bits). */
export function anyValues(dtype: DType, shape: Shape, seed = 1): HostTensor {
  return dtype === 'f32' ? noise(shape, seed) : integers(dtype, shape, dtype === 'i32' ? -100 : 0, 200, seed);
}
