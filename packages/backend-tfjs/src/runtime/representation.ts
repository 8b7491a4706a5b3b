/**
 * How vqkit's dtypes are stored in tfjs's three:
 *
 * | vqkit | cpu, wasm, native | webgl, webgpu     | how                                                              |
 * |-------|-------------------|-------------------|------------------------------------------------------------------|
 * | f32   | `float32`         | `float32`         | as it is                                                         |
 * | f16   | `float32`         | `float32`         | the value, already rounded to half precision                      |
 * | i32   | `int32`           | two `float32`     | high and low half of two's complement, see `wide/`                |
 * | u32   | `int32`           | two `float32`     | int32: the same 32 bits, whose sums and products wrap alike       |
 * | u8    | `int32` or `bool` | `float32`, `bool` | 0 … 255; comparisons leave their truth values as `bool`           |
 *
 * tfjs's GPU runtimes compute with integers in float32 whatever they call them, exact only up to 2²⁴.
 */
import { arrayTypes, type DType, fromHalfBits, type TypedArray, toHalfBits } from '@vqkit/core';
import type { TfDType } from './tf-types.ts';

/** The tfjs dtype that small integers (u8, and indices inside of kernels) have on a runtime. */
export type IntegerStorage = 'int32' | 'float32';

/** The tfjs dtype that holds a vqkit dtype. */
export function storedDType(dtype: DType, integers: IntegerStorage): TfDType {
  return dtype === 'f32' || dtype === 'f16' ? 'float32' : integers;
}

/** Numbers in a fresh array as tfjs stores them; for f16, `data` holds numbers, which are rounded. */
export function encode(data: ArrayLike<number>, dtype: DType, integers: IntegerStorage): TypedArray {
  if (dtype === 'f16') return Float32Array.from(data, (x) => fromHalfBits(toHalfBits(x)));
  if (dtype === 'f32' || integers === 'float32') return Float32Array.from(data);
  if (dtype === 'u32') return new Int32Array(Uint32Array.from(data).buffer);
  return Int32Array.from(data);
}

/** One number as tfjs stores it in a tensor of a vqkit dtype. */
export function encodeNumber(value: number, dtype: DType, integers: IntegerStorage): number {
  return encode([value], dtype, integers)[0]!;
}

/** Host values of a vqkit tensor (f16 as bits) in a fresh array as tfjs stores them. */
export function encodeHost(data: TypedArray, dtype: DType, integers: IntegerStorage): TypedArray {
  return dtype === 'f16' ? Float32Array.from(data, (bits) => fromHalfBits(bits)) : encode(data, dtype, integers);
}

/** What tfjs read back, in a fresh host array of a vqkit dtype; typed arrays wrap as the dtypes do. */
export function decodeHost(values: ArrayLike<number>, dtype: DType): TypedArray {
  return dtype === 'f16' ? Uint16Array.from(values, toHalfBits) : arrayTypes[dtype].from(values);
}
