/** Order of wide integers: comparisons, choices, extremes and where they are. */
import type { CompareOp } from '@vqkit/core';
import { call2, compareNames, select } from '../kernels/integers.ts';
import { broadcastTo } from '../kernels/layout.ts';
import { reduceBy } from '../kernels/reduce.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { half, signed, type Wide } from './wide.ts';

/** A high half in the order of its dtype. */
function ordered(frame: Frame, hi: TensorInfo, isUnsigned: boolean): TensorInfo {
  return isUnsigned ? hi : signed(frame, hi);
}

/**
 * a compared with b, with broadcasting.
 *
 * The difference (a.hi − b.hi)·2¹⁶ + (a.lo − b.lo) may be rounded, but never to zero and never across it.
 */
export function compareWide(frame: Frame, op: CompareOp, a: Wide, b: Wide, isUnsigned: boolean): TensorInfo {
  const high = call2(frame, 'Sub', ordered(frame, a.hi, isUnsigned), ordered(frame, b.hi, isUnsigned));
  const difference = call2(frame, 'Add', call2(frame, 'Multiply', high, half), call2(frame, 'Sub', a.lo, b.lo));
  return call2(frame, compareNames[op], difference, 0);
}

/** a ≥ b. */
export function isAtLeast(frame: Frame, a: Wide, b: Wide, isUnsigned: boolean): TensorInfo {
  return compareWide(frame, 'ge', a, b, isUnsigned);
}

/** a where `condition`, else b, all broadcast to the condition's shape or beyond. */
export function selectWide(frame: Frame, condition: TensorInfo, a: Wide, b: Wide): Wide {
  const choose = (t: TensorInfo, e: TensorInfo): TensorInfo =>
    select(frame, condition, broadcastTo(frame, t, condition.shape), broadcastTo(frame, e, condition.shape));
  return { hi: choose(a.hi, b.hi), lo: choose(a.lo, b.lo) };
}

/** The larger or the smaller, elementwise. */
export function extreme(frame: Frame, op: 'max' | 'min', a: Wide, b: Wide, isUnsigned: boolean): Wide {
  return selectWide(frame, compareWide(frame, op === 'max' ? 'ge' : 'le', a, b, isUnsigned), a, b);
}

/** What decides an extreme: the best high half, and the low halves of those who have it (others out of the race). */
function race(frame: Frame, op: 'max' | 'min', x: Wide, axes: readonly number[], isUnsigned: boolean) {
  const kernel = op === 'max' ? 'Max' : 'Min';
  const keptShape = x.hi.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const best = (part: TensorInfo): TensorInfo => frame.reshape(reduceBy(frame, kernel, part, axes), keptShape);
  const high = ordered(frame, x.hi, isUnsigned);
  const bestHigh = best(high);
  const isIn = call2(frame, 'Equal', high, bestHigh);
  const out = frame.full(x.lo.shape, 'f32', op === 'max' ? -1 : half);
  const low = select(frame, isIn, x.lo, out);
  return { bestHigh, bestLow: best(low), low };
}

/** The largest or smallest over axes, which stay with size 1. */
export function reduceExtreme(
  frame: Frame,
  op: 'max' | 'min',
  x: Wide,
  axes: readonly number[],
  isUnsigned: boolean,
): Wide {
  const { bestHigh, bestLow } = race(frame, op, x, axes, isUnsigned);
  if (isUnsigned) return { hi: bestHigh, lo: bestLow };
  const isNegative = frame.cast(call2(frame, 'Less', bestHigh, 0), 'float32');
  return { hi: call2(frame, 'Add', bestHigh, call2(frame, 'Multiply', isNegative, half)), lo: bestLow };
}

/** 1 where a value is the largest (or smallest) along an axis, else 0; float32. */
export function hitsOfBest(frame: Frame, op: 'max' | 'min', x: Wide, axis: number, isUnsigned: boolean): TensorInfo {
  const { bestLow, low } = race(frame, op, x, [axis], isUnsigned);
  return frame.cast(call2(frame, 'Equal', low, bestLow), 'float32');
}
