/**
 * How vqkit's dtypes are stored in tfjs's three:
 *
 * | vqkit | tfjs      | how                                                                       |
 * |-------|-----------|---------------------------------------------------------------------------|
 * | f32   | `float32` | as it is                                                                  |
 * | f16   | `float32` | the value, already rounded to half precision                               |
 * | i32   | `int32`   | as it is                                                                  |
 * | u32   | `int32`   | the same 32 bits; sums and products wrap alike, the rest knows the sign bit |
 * | u8    | `int32` or `bool` | 0 … 255; comparisons leave their truth values as `bool`             |
 */
import { type DType, fromHalfBits, type TypedArray, toHalfBits } from '@vqkit/core';
import type { TfDType } from './tf-types.ts';

const stored: Readonly<Record<DType, TfDType>> = {
  f32: 'float32',
  f16: 'float32',
  i32: 'int32',
  u32: 'int32',
  u8: 'int32',
};

/** The tfjs dtype that holds a vqkit dtype. */
export function storedDType(dtype: DType): TfDType {
  return stored[dtype];
}

/** The half-precision number nearest to `value`. */
function roundToHalf(value: number): number {
  return fromHalfBits(toHalfBits(value));
}

/** Numbers in a fresh array as tfjs stores them; for f16, `data` holds numbers, which are rounded. */
export function encode(data: ArrayLike<number>, dtype: DType): TypedArray {
  if (dtype === 'f32') return Float32Array.from(data);
  if (dtype === 'f16') return Float32Array.from(data, (x) => roundToHalf(x));
  if (dtype === 'u32') return new Int32Array(Uint32Array.from(data).buffer);
  return Int32Array.from(data);
}

/** One number as tfjs stores it in a tensor of a vqkit dtype. */
export function encodeNumber(value: number, dtype: DType): number {
  return encode([value], dtype)[0]!;
}

/** Host values of a vqkit tensor (f16 as bits) in a fresh array as tfjs stores them. */
export function encodeHost(data: TypedArray, dtype: DType): TypedArray {
  return dtype === 'f16' ? Float32Array.from(data, (bits) => fromHalfBits(bits)) : encode(data, dtype);
}

/** What tfjs read back, in a fresh host array of a vqkit dtype. */
export function decodeHost(values: ArrayLike<number>, dtype: DType): TypedArray {
  switch (dtype) {
    case 'f32':
      return Float32Array.from(values);
    case 'f16':
      return Uint16Array.from(values, (x) => toHalfBits(x));
    case 'i32':
      return Int32Array.from(values);
    case 'u32':
      return new Uint32Array(Int32Array.from(values).buffer);
    case 'u8':
      return Uint8Array.from(values);
  }
}
