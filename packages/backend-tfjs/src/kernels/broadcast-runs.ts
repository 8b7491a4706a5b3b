/**
 * Broadcasting where a runtime limits it. TensorFlow joins neighbouring axes that broadcast alike into one run, and
 * takes five runs at most: `[1, 2, 1, 2, 1, 2]` with `[2, 1, 2, 1, 2, 1]` has six. Operands with more are first
 * repeated axis by axis, which needs three runs each.
 */
import { broadcastShapes, type Shape } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/** The shape with `rank` axes, new ones of length 1 in front. */
const padded = (shape: Shape, rank: number): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];

/** How many runs of axes alternate between repeating `a`, repeating `b` and neither; axes of length 1 in both join any. */
export function broadcastRuns(a: Shape, b: Shape): number {
  const rank = Math.max(a.length, b.length);
  const [p, q] = [padded(a, rank), padded(b, rank)];
  const states = p.map((n, i) => Math.sign(n - q[i]!)).filter((_, i) => p[i] !== 1 || q[i] !== 1);
  return states.filter((state, i) => i === 0 || state !== states[i - 1]).length;
}

/** float32 or int32 x → `shape`, one axis after the other. */
function repeat(frame: Frame, x: TensorInfo, shape: Shape): TensorInfo {
  const start = frame.reshape(x, padded(x.shape, shape.length));
  return shape.reduce((y, n, axis) => {
    if (y.shape[axis] === n) return y;
    const ones = shape.map((_, i) => (i === axis ? n : 1));
    return frame.call('Multiply', { a: y, b: frame.full(ones, x.dtype === 'float32' ? 'f32' : 'i32', 1) });
  }, start);
}

/** The operands of an elementwise tfjs kernel, repeated first where the runtime could not broadcast them. */
export function broadcastable(frame: Frame, a: TensorInfo, b: TensorInfo): { a: TensorInfo; b: TensorInfo } {
  const { broadcastRuns: most } = frame.runtime.traits;
  if (Math.max(a.shape.length, b.shape.length) <= most || broadcastRuns(a.shape, b.shape) <= most) return { a, b };
  const shape = broadcastShapes('tfjs', a.shape, b.shape);
  return { a: repeat(frame, a, shape), b: repeat(frame, b, shape) };
}
