/** Element types of safetensors files, and the dtypes that they are read as. */
import type { DType, TypedArray } from '../dtype.ts';
import { FileFormatError } from '../errors.ts';

/** How values of a type are read. */
export interface StoredType {
  readonly bytes: number;
  /** What the values become. */
  readonly dtype: DType;
  /** Reads value number `i`, for types that are no dtype of ours; without it bytes are copied. */
  readonly read?: (view: DataView, i: number) => number;
}

const bits = new DataView(new ArrayBuffer(4));

/**
 * Types by their names. Those without a dtype of their own are converted: F64 is rounded to f32, BF16 is exact in f32, 64-bit
 * integers must fit into 32 bits.
 */
export const storedTypes: Readonly<Record<string, StoredType>> = {
  F32: { bytes: 4, dtype: 'f32' },
  F16: { bytes: 2, dtype: 'f16' },
  I32: { bytes: 4, dtype: 'i32' },
  U32: { bytes: 4, dtype: 'u32' },
  U8: { bytes: 1, dtype: 'u8' },
  BOOL: { bytes: 1, dtype: 'u8' },
  F64: { bytes: 8, dtype: 'f32', read: (view, i) => view.getFloat64(8 * i, true) },
  BF16: {
    bytes: 2,
    dtype: 'f32',
    read: (view, i) => {
      bits.setUint32(0, view.getUint16(2 * i, true) << 16);
      return bits.getFloat32(0);
    },
  },
  I8: { bytes: 1, dtype: 'i32', read: (view, i) => view.getInt8(i) },
  I16: { bytes: 2, dtype: 'i32', read: (view, i) => view.getInt16(2 * i, true) },
  U16: { bytes: 2, dtype: 'u32', read: (view, i) => view.getUint16(2 * i, true) },
  I64: { bytes: 8, dtype: 'i32', read: (view, i) => inRange(view.getBigInt64(8 * i, true), -(2n ** 31n), 2n ** 31n) },
  U64: { bytes: 8, dtype: 'u32', read: (view, i) => inRange(view.getBigUint64(8 * i, true), 0n, 2n ** 32n) },
};

/** Names in files: of our dtypes, and of 8-bit integers, which are only kept and not computed in. */
export const typeNames: Readonly<Record<DType | 'i8', string>> = {
  f32: 'F32',
  f16: 'F16',
  i32: 'I32',
  u32: 'U32',
  u8: 'U8',
  i8: 'I8',
};

function inRange(value: bigint, low: bigint, high: bigint): number {
  if (value >= low && value < high) return Number(value);
  throw new FileFormatError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `safetensors: expected 64-bit integers that fit into 32 bits, got ${value}`,
    fix: 'Convert the file first',
  });
}

/** Converts stored bytes into `target`. */
export function readValues({ read }: StoredType, bytes: Uint8Array, target: TypedArray): void {
  // A copy in any case, since the values may start at an odd offset.
  if (read === undefined) new Uint8Array(target.buffer).set(bytes);
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < target.length; i++) target[i] = read(view, i);
  }
}
