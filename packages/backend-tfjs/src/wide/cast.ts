/** Casts to and from wide integers. */
import type { DType } from '@vqkit/core';
import { belowTop, roundToHalf, top, truncate } from '../kernels/cast.ts';
import { call2 } from '../kernels/integers.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { selectWide } from './order.ts';
import { splitAt, toFloat32, toWide, type Wide, wideFull } from './wide.ts';

/** float32 → i32 or u32: truncated towards zero, saturated, 0 for NaN. */
export function floatToWide(frame: Frame, x: TensorInfo, isUnsigned: boolean): Wide {
  const [low, high, limit] = isUnsigned ? [0, 2 * belowTop, 2 * top] : [-top, belowTop, top];
  const inside = toWide(frame, truncate(frame, x, low, high));
  const largest = wideFull(frame, x.shape, limit - 1);
  return selectWide(frame, call2(frame, 'GreaterEqual', x, limit), largest, inside);
}

/** i32 or u32 → f32, f16 or u8, as they are stored. */
export function wideToSmall(frame: Frame, x: Wide, isUnsigned: boolean, dtype: DType): TensorInfo {
  if (dtype === 'u8') return splitAt(frame, x.lo, 8).rest;
  const value = toFloat32(frame, x, isUnsigned);
  return dtype === 'f16' ? roundToHalf(frame, value) : value;
}
