/**
 * `cast`. tfjs's own cast neither saturates nor defines NaN, knows nothing of unsigned values, and has no half
 * precision, so values are brought into range first.
 */
import type { DType, RequiredKernels } from '@vqkit/core';
import type { Frame, Operand } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { call2, lookUp, select } from './integers.ts';
import { numeric, type TfKernel } from './tf-kernel.ts';

/** Largest float32 below 2³¹, and 2³¹ itself. */
export const belowTop = 2 ** 31 - 128;
export const top = 2 ** 31;

/** Float32 values within [low, high], truncated, as integers; NaN becomes 0. Stored as int32, `high` must fit it exactly. */
export function truncate(frame: Frame, x: TensorInfo, low: number, high: number): TensorInfo {
  const zero = (): TensorInfo => frame.full(x.shape, 'f32', 0);
  const isDefined = frame.runtime.traits.castsNanToZero;
  // NaN goes first: webgl clips none of four neighbours when one of them is NaN.
  const defined = isDefined ? x : select(frame, frame.call('IsNan', { x }), zero(), x);
  const clipped = frame.call('ClipByValue', { x: defined }, { clipValueMin: low, clipValueMax: high });
  if (frame.integers === 'int32') return frame.cast(clipped, 'int32');
  const isNegative = call2(frame, 'Less', clipped, 0);
  return select(frame, isNegative, frame.call('Ceil', { x: clipped }), frame.call('Floor', { x: clipped }));
}

function floatToInt(frame: Frame, x: TensorInfo): TensorInfo {
  const inside = truncate(frame, x, -top, belowTop);
  return select(frame, call2(frame, 'GreaterEqual', x, top), frame.full(x.shape, 'i32', top - 1), inside);
}

function floatToUnsigned(frame: Frame, x: TensorInfo): TensorInfo {
  const small = truncate(frame, x, 0, belowTop);
  // From 2³¹ on the int32 of the same bits is the value less 2³².
  const large = call2(frame, 'Add', truncate(frame, call2(frame, 'Sub', x, top), 0, belowTop), -top);
  const isLarge = call2(frame, 'GreaterEqual', x, top);
  const isTooLarge = call2(frame, 'GreaterEqual', x, 2 * top);
  return select(frame, isTooLarge, frame.full(x.shape, 'i32', -1), select(frame, isLarge, large, small));
}

/** high·2¹⁶ + low, both exact in float32, so that the sum is rounded once. */
function unsignedToFloat(frame: Frame, x: TensorInfo): TensorInfo {
  const low = call2(frame, 'Mod', x, 65536);
  const shifted = call2(frame, 'FloorDiv', call2(frame, 'Sub', x, low), 65536);
  const high = frame.cast(call2(frame, 'Mod', shifted, 65536), 'float32');
  return call2(frame, 'Add', call2(frame, 'Multiply', high, 65536), frame.cast(low, 'float32'));
}

/** Rounds float32 values to half precision, ties to even. */
export function roundToHalf(frame: Frame, x: TensorInfo): TensorInfo {
  const size = frame.call('Abs', { x });
  // The exponent from a logarithm may be one off; comparing with the power itself mends it.
  const logarithm = call2(frame, 'Multiply', frame.call('Log', { x: size }), 1 / Math.LN2);
  const exponent = truncate(frame, call2(frame, 'Add', frame.call('Floor', { x: logarithm }), 15), 0, 32);
  const powers = frame.constant(
    Float32Array.from({ length: 33 }, (_, i) => 2 ** (i - 15)),
    [33],
    'float32',
  );
  const guess = lookUp(frame, powers, exponent);
  const lower = select(frame, call2(frame, 'Greater', guess, size), call2(frame, 'Multiply', guess, 0.5), guess);
  const twice = call2(frame, 'Multiply', lower, 2);
  const power = select(frame, call2(frame, 'GreaterEqual', size, twice), twice, lower);
  // Neighbours are 2⁻¹⁰ of the leading power apart, subnormals 2⁻²⁴. All these scalings are exact.
  const unit = call2(frame, 'Multiply', call2(frame, 'Maximum', power, 2 ** -14), 2 ** -10);
  const steps = frame.call('Round', { x: call2(frame, 'RealDiv', size, unit) });
  const rounded = call2(frame, 'Multiply', steps, unit);
  const infinite = frame.full(x.shape, 'f32', Number.POSITIVE_INFINITY);
  const bounded = select(frame, call2(frame, 'GreaterEqual', size, 65520), infinite, rounded);
  const negative = frame.call('Neg', { x: bounded });
  const signed = select(frame, call2(frame, 'Less', x, 0), negative, bounded);
  // Zeros keep their sign, and NaN is no number to compare.
  return select(frame, call2(frame, 'Greater', size, 0), signed, x);
}

function toFloat(frame: Frame, x: Operand): TensorInfo {
  if (x.dtype === 'u32') return unsignedToFloat(frame, x.info);
  return frame.cast(x.info, 'float32');
}

const fromFloat: Readonly<Record<DType, (frame: Frame, x: TensorInfo) => TensorInfo>> = {
  f32: (_, x) => x,
  f16: roundToHalf,
  i32: floatToInt,
  u32: floatToUnsigned,
  u8: (frame, x) => truncate(frame, x, 0, 255),
};

/** x → the dtype of the output. */
export const cast: TfKernel<RequiredKernels['cast']> = (frame, [x], _, [out]) => {
  const from = x!.dtype;
  const to = out!.dtype;
  if (from === to || (from === 'f16' && to === 'f32')) return [x!.info];
  if (from === 'f32' || from === 'f16') return [fromFloat[to](frame, x!.info)];
  if (to === 'f32') return [toFloat(frame, x!)];
  if (to === 'f16') return [roundToHalf(frame, toFloat(frame, x!))];
  if (to === 'u8') return [call2(frame, 'Mod', numeric(frame, x!), 256)];
  return [numeric(frame, x!)];
};
