/** `transpose`, `slice`, `broadcast`, `concat`, `pad`: copies, of any dtype. */
import { type RequiredKernels, type Shape, sameShape, sizeOf } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { call2 } from './integers.ts';
import { numeric, type TfKernel } from './tf-kernel.ts';

/** x → output axis i is input axis perm[i]. */
export const transpose: TfKernel<RequiredKernels['transpose']> = (frame, [x], { perm }) => [
  // webgpu cannot turn scalars and vectors.
  perm.every((axis, i) => axis === i)
    ? x!.info
    : frame.call('Transpose', { x: numeric(frame, x!) }, { perm: [...perm] }),
];

/**
 * float32 or int32 x → `shape` by NumPy broadcasting: multiplied by ones that only have the new axes, which keeps
 * NaN, infinities and the sign of zero.
 */
export function broadcastTo(frame: Frame, x: TensorInfo, shape: Shape): TensorInfo {
  if (sameShape(x.shape, shape)) return x;
  const added = shape.length - x.shape.length;
  const newAxes = shape.map((n, i) => (i < added || x.shape[i - added] !== n ? n : 1));
  return call2(frame, 'Multiply', x, frame.full(newAxes, x.dtype === 'float32' ? 'f32' : 'i32', 1));
}

/** x → output shape by NumPy broadcasting. */
export const broadcast: TfKernel<RequiredKernels['broadcast']> = (frame, [x], _, [out]) => [
  broadcastTo(frame, numeric(frame, x!), out!.shape),
];

/** Turns an axis around; as `[outer, axis, inner]`, because webgpu reverses four axes at most. */
function reverse(frame: Frame, x: TensorInfo, axis: number): TensorInfo {
  const parts = [sizeOf(x.shape.slice(0, axis)), x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  return frame.reshape(frame.call('Reverse', { x: frame.reshape(x, parts) }, { dims: [1] }), x.shape);
}

/** Slices with steps of either sign, of a float32 or int32 tensor. */
export function sliceOf(
  frame: Frame,
  x: TensorInfo,
  begin: readonly number[],
  step: readonly number[],
  shape: Shape,
): TensorInfo {
  // Where only one element is taken, its step does not matter.
  const steps = step.map((s, i) => (shape[i] === 1 ? 1 : s));
  const source = steps.reduce((y, s, axis) => (s < 0 ? reverse(frame, y, axis) : y), x);
  const starts = begin.map((b, i) => (steps[i]! < 0 ? x.shape[i]! - 1 - b : b));
  const strides = steps.map(Math.abs);
  if (strides.every((s) => s === 1)) return frame.call('Slice', { x: source }, { begin: starts, size: [...shape] });
  // The GPU runtimes take steps along four axes at most.
  if (shape.length <= 4) return stridedSlice(frame, source, starts, strides, shape);
  return starts.reduce((y, start, axis) => {
    const lead = sizeOf(y.shape.slice(0, axis));
    const rest = y.shape.slice(axis + 1);
    const parts = frame.reshape(y, [lead, y.shape[axis]!, sizeOf(rest)]);
    const size = [lead, shape[axis]!, sizeOf(rest)];
    const taken = stridedSlice(frame, parts, [0, start, 0], [1, strides[axis]!, 1], size);
    return frame.reshape(taken, [...y.shape.slice(0, axis), shape[axis]!, ...rest]);
  }, source);
}

/** Slices with positive steps. */
function stridedSlice(
  frame: Frame,
  x: TensorInfo,
  begin: readonly number[],
  strides: readonly number[],
  shape: Shape,
): TensorInfo {
  if (x.dtype === 'float32' || frame.runtime.traits.slicesIntegers) {
    const end = begin.map((b, i) => b + (shape[i]! - 1) * strides[i]! + 1);
    const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
    return frame.call('StridedSlice', { x }, { begin: [...begin], end, strides: [...strides], ...masks });
  }
  return begin.reduce((sliced, start, axis) => {
    const indices = Int32Array.from({ length: shape[axis]! }, (_, i) => start + i * strides[axis]!);
    const picked = { x: sliced, indices: frame.constant(indices, [indices.length], 'int32') };
    return frame.call('GatherV2', picked, { axis, batchDims: 0 });
  }, x);
}

/** x → out[i…] = x[begin + i·step …]. */
export const slice: TfKernel<RequiredKernels['slice']> = (frame, [x], { begin, step }, [out]) => [
  x!.shape.length === 0 ? x!.info : sliceOf(frame, numeric(frame, x!), begin, step, out!.shape),
];

/** x₁ … xₙ → joined along `axis`. */
export const concat: TfKernel<RequiredKernels['concat']> = (frame, inputs, { axis }) => {
  const parts = inputs.filter(({ shape }) => shape[axis] !== 0).map((x) => numeric(frame, x));
  return [parts.length === 1 ? parts[0]! : frame.call('Concat', parts, { axis })];
};

/** float32 or int32 x with a border of `value`. */
export function padTo(
  frame: Frame,
  x: TensorInfo,
  before: readonly number[],
  after: readonly number[],
  value: number,
): TensorInfo {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  return frame.call('PadV2', { x }, { paddings: before.map((n, i) => [n, after[i]!]), constantValue: value });
}

/** x `[N, H, W, C]` with `gaps[0]` zeros between its rows and `gaps[1]` between its columns, none around. */
export function insertZeros(frame: Frame, x: TensorInfo, gaps: readonly [number, number]): TensorInfo {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const spread = (y: TensorInfo, outer: number, count: number, inner: number, gap: number): TensorInfo => {
    if (gap === 0) return y;
    const apart = padTo(frame, frame.reshape(y, [outer * count, 1, inner]), [0, 0, 0], [0, gap, 0], 0);
    const all = frame.reshape(apart, [outer, count * (gap + 1), inner]);
    return frame.call('Slice', { x: all }, { begin: [0, 0, 0], size: [outer, (count - 1) * (gap + 1) + 1, inner] });
  };
  const height = (h - 1) * (gaps[0] + 1) + 1;
  const rows = spread(x, n, h, w * c, gaps[0]);
  const columns = spread(rows, n * height, w, c, gaps[1]);
  return frame.reshape(columns, [n, height, (w - 1) * (gaps[1] + 1) + 1, c]);
}

/** x → `before[i]` and `after[i]` elements of `value` around each axis. */
export const pad: TfKernel<RequiredKernels['pad']> = (frame, [x], { before, after, value }) => {
  return [padTo(frame, numeric(frame, x!), before, after, frame.stored(value, x!.dtype))];
};
