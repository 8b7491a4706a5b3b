/**
 * Element types and shapes. `f32` is what networks compute in; `u32` holds indices; `u8` holds pixels and
 * truth values (0 or 1); `f16` is for storage: casts and copies, no arithmetic.
 */

/** Element type of a tensor. */
export type DType = 'f32' | 'i32' | 'u32' | 'u8' | 'f16';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Host-side values. `f16` travels as its raw bits in a `Uint16Array`. */
export type TypedArray = Float32Array | Int32Array | Uint32Array | Uint8Array | Uint16Array;

/** Shape and dtype: all that an operation needs to know to plan its result. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The host array of each dtype. */
export const arrayTypes = {
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
  f16: Uint16Array,
} as const;

const dtypes = Object.keys(arrayTypes) as DType[];

/** Bytes of one element. */
export const bytesPerElement = { f32: 4, i32: 4, u32: 4, u8: 1, f16: 2 } as const satisfies Record<DType, number>;

/** Number of elements of a shape; 1 for a scalar, 0 when any axis is empty. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Bytes that a tensor's values take. */
export function byteSizeOf({ shape, dtype }: TensorSpec): number {
  return sizeOf(shape) * bytesPerElement[dtype];
}

/** A zeroed host array for `size` elements of `dtype`. */
export function allocate(dtype: DType, size: number): TypedArray {
  return new arrayTypes[dtype](size);
}

/** The dtype whose host array type `data` is. */
export function dtypeOfArray(data: TypedArray): DType {
  return dtypes.find((dtype) => data instanceof arrayTypes[dtype])!;
}

/** Whether gradients can flow through values of this dtype. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'f32' || dtype === 'f16';
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}
