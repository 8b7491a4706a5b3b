/** `reduce` and `argReduce`. */
import { type ReduceOp, type RequiredKernels, sizeOf } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { call2, flipSign, multiply, select } from './integers.ts';
import type { TfKernel } from './tf-kernel.ts';

const names: Readonly<Record<ReduceOp, string>> = { sum: 'Sum', mean: 'Mean', max: 'Max', min: 'Min', prod: 'Prod' };

/** Reduces over axes, which disappear. */
export function reduceBy(frame: Frame, kernel: string, x: TensorInfo, axes: readonly number[]): TensorInfo {
  // tfjs's `Max` alone has another name for its axes.
  return frame.call(kernel, { x }, { axis: [...axes], reductionIndices: [...axes], keepDims: false });
}

/** Products of integers by halving, where tfjs's own would lose the low bits. */
function integerProduct(frame: Frame, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const moved = frame.call('Transpose', { x }, { perm: [...axes, ...kept] });
  const columns = sizeOf(kept.map((i) => x.shape[i]!));
  let rows = sizeOf(axes.map((i) => x.shape[i]!));
  let product = frame.reshape(moved, [rows, columns]);
  while (rows > 1) {
    const half = rows >> 1;
    const part = (begin: number, size: number): TensorInfo =>
      frame.call('Slice', { x: product }, { begin: [begin, 0], size: [size, columns] });
    const pairs = multiply(frame, part(0, half), part(half, half));
    product = rows % 2 === 0 ? pairs : frame.call('Concat', [pairs, part(rows - 1, 1)], { axis: 0 });
    rows -= half;
  }
  return product;
}

/** x → reduced over `axes`. */
export const reduce: TfKernel<RequiredKernels['reduce']> = (frame, [x], { op, axes }) => {
  const { info, dtype } = x!;
  if (axes.length === 0) return [info];
  if (op === 'prod' && dtype !== 'f32' && !frame.runtime.traits.wrapsProducts) {
    return [integerProduct(frame, info, axes)];
  }
  if (dtype === 'u32' && (op === 'max' || op === 'min')) {
    return [flipSign(frame, reduceBy(frame, names[op], flipSign(frame, info), axes))];
  }
  return [reduceBy(frame, names[op], info, axes)];
};

/**
 * The lowest index of the best value along an axis. Where tfjs reduces in a tree and so takes any of equal values, each
 * hit counts for its distance from the end, and the largest of those is the first.
 */
export function firstBest(frame: Frame, x: TensorInfo, op: 'argmax' | 'argmin', axis: number): TensorInfo {
  if (frame.runtime.traits.findsFirst) return frame.call(op === 'argmax' ? 'ArgMax' : 'ArgMin', { x }, { axis });
  const keptShape = x.shape.map((n, i) => (i === axis ? 1 : n));
  const best = frame.reshape(reduceBy(frame, op === 'argmax' ? 'Max' : 'Min', x, [axis]), keptShape);
  return firstHit(frame, frame.cast(call2(frame, 'Equal', x, best), 'float32'), axis);
}

/** The lowest index of a 1 along an axis of zeros and ones; float32. */
export function firstHit(frame: Frame, hits: TensorInfo, axis: number): TensorInfo {
  const size = hits.shape[axis]!;
  const distances = Float32Array.from({ length: size }, (_, i) => size - i);
  const shape = hits.shape.map((n, i) => (i === axis ? n : 1));
  const weighted = call2(frame, 'Multiply', hits, frame.constant(distances, shape, 'float32'));
  return call2(frame, 'Sub', frame.scalar(size, 'float32'), reduceBy(frame, 'Max', weighted, [axis]));
}

/** x → u32 index of the best value along `axis`; the first NaN wins. */
export const argReduce: TfKernel<RequiredKernels['argReduce']> = (frame, [x], { op, axis }, [out]) => {
  const along = (info: TensorInfo, by: 'argmax' | 'argmin'): TensorInfo =>
    frame.toInteger(frame.reshape(firstBest(frame, info, by, axis), out!.shape));
  const { info, dtype } = x!;
  if (dtype === 'i32') return [along(info, op)];
  if (dtype === 'u32') return [along(flipSign(frame, info), op)];
  const isNan = frame.toInteger(frame.call('IsNan', { x: info }));
  const hasNan = call2(frame, 'NotEqual', frame.reshape(reduceBy(frame, 'Max', isNan, [axis]), out!.shape), 0);
  return [select(frame, hasNan, along(isNan, 'argmax'), along(info, op))];
};
