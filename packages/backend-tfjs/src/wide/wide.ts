/**
 * 32-bit integers where a runtime has none: tfjs's GPU runtimes compute with integers in float32, exact only up to
 * 2²⁴. There an i32 or u32 tensor is two float32 tensors, the high and the low 16 bits of two's complement, and
 * arithmetic is done by halves and bytes, each step exact in float32. The two dtypes share everything but order,
 * division and casts.
 */
import { type Shape, sizeOf } from '@vqkit/core';
import { call2 } from '../kernels/integers.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/** High and low halves, float32 whole numbers in [0, 65536). */
export interface Wide {
  readonly hi: TensorInfo;
  readonly lo: TensorInfo;
}

/** Number of values of a half: 2¹⁶. */
export const half = 65536;

/** Applies the same to both halves. */
export function mapHalves({ hi, lo }: Wide, apply: (part: TensorInfo) => TensorInfo): Wide {
  return { hi: apply(hi), lo: apply(lo) };
}

/** ⌊x / 2ᵏ⌋, exact for any k. */
function floorShift(frame: Frame, x: TensorInfo, k: number): TensorInfo {
  return frame.call('Floor', { x: call2(frame, 'Multiply', x, 2 ** -k) });
}

/** Quotient and rest by 2ᵏ of float32 whole numbers; the rest is in [0, 2ᵏ). */
export function splitAt(frame: Frame, x: TensorInfo, k: number): { quotient: TensorInfo; rest: TensorInfo } {
  const quotient = floorShift(frame, x, k);
  return { quotient, rest: call2(frame, 'Sub', x, call2(frame, 'Multiply', quotient, 2 ** k)) };
}

/** x modulo 2¹⁶. */
export function wrapHalf(frame: Frame, x: TensorInfo): TensorInfo {
  return splitAt(frame, x, 16).rest;
}

/** Host integers as halves. */
export function wideValues(frame: Frame, data: ArrayLike<number>, shape: Shape): Wide {
  // `| 0` and `>>>` take the low 32 bits, whatever dtype they were.
  const part = (shift: number): TensorInfo =>
    frame.constant(
      Float32Array.from(data, (value) => ((value | 0) >>> shift) & 0xffff),
      shape,
      'float32',
    );
  return { hi: part(16), lo: part(0) };
}

/** A tensor full of one integer. */
export function wideFull(frame: Frame, shape: Shape, value: number): Wide {
  return wideValues(frame, new Float64Array(sizeOf(shape)).fill(value), shape);
}

/** Host values of halves that were read back, as numbers whose low 32 bits count. */
export function joinHalves(hi: ArrayLike<number>, lo: ArrayLike<number>): Float64Array {
  return Float64Array.from(hi, (value, i) => value * half + lo[i]!);
}

/** float32 whole numbers in [−2³¹, 2³²) as halves. */
export function toWide(frame: Frame, x: TensorInfo): Wide {
  const { quotient, rest } = splitAt(frame, x, 16);
  return { hi: wrapHalf(frame, quotient), lo: rest };
}

/** The values as float32, rounded once. */
export function toFloat32(frame: Frame, { hi, lo }: Wide, isUnsigned: boolean): TensorInfo {
  const high = isUnsigned ? hi : signed(frame, hi);
  return call2(frame, 'Add', call2(frame, 'Multiply', high, half), lo);
}

/** The sign bit of a high half: 1 or 0. */
export function signBit(frame: Frame, hi: TensorInfo): TensorInfo {
  return floorShift(frame, hi, 15);
}

/** A high half as a signed number in [−2¹⁵, 2¹⁵). */
export function signed(frame: Frame, hi: TensorInfo): TensorInfo {
  return call2(frame, 'Sub', hi, call2(frame, 'Multiply', signBit(frame, hi), half));
}

/** The four bytes of an integer, lowest first. */
export type Bytes = readonly [TensorInfo, TensorInfo, TensorInfo, TensorInfo];

/** Splits into bytes. */
export function toBytes(frame: Frame, { hi, lo }: Wide): Bytes {
  const [low, high] = [splitAt(frame, lo, 8), splitAt(frame, hi, 8)];
  return [low.rest, low.quotient, high.rest, high.quotient];
}

/** Carries columns of byte sums, each below 2²⁴ − 2¹⁶, and drops what overflows 32 bits. */
export function fromColumns(frame: Frame, columns: Bytes): Wide {
  const bytes: TensorInfo[] = [];
  let carry: TensorInfo | undefined;
  for (const column of columns) {
    const { quotient, rest } = splitAt(frame, carry ? call2(frame, 'Add', column, carry) : column, 8);
    bytes.push(rest);
    carry = quotient;
  }
  const join = (low: TensorInfo, high: TensorInfo): TensorInfo =>
    call2(frame, 'Add', low, call2(frame, 'Multiply', high, 256));
  return { hi: join(bytes[2]!, bytes[3]!), lo: join(bytes[0]!, bytes[1]!) };
}
