/** `gather` and `scatterAdd` along an axis. */
import { type RequiredKernels, type Shape, sizeOf } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { call2 } from './integers.ts';
import { indexOf, numeric, type TfKernel } from './tf-kernel.ts';

/** x, indices `[n]` → x with `axis` replaced by n picked slices. */
export const gather: TfKernel<RequiredKernels['gather']> = (frame, [x, indices], { axis }) => [
  frame.call('GatherV2', { x: numeric(frame, x!), indices: indexOf(frame, indices!) }, { axis, batchDims: 0 }),
];

/** Elements of the matrix of hits that a sum in fixed order holds at a time: 4 M floats, 16 MB. */
const hitElements = 1 << 22;

/** Multiplications up to which a sum in fixed order is worth its price; beyond them tfjs's own order is taken. */
const affordableProducts = 2 ** 32;

/**
 * `[n]` indices, `[n, L]` updates → `[rows, L]`, added in one order and so with the same bits every time: a product
 * with the matrix that is 1 where an update hits a row.
 */
function addInOrder(frame: Frame, indices: TensorInfo, updates: TensorInfo, rows: number): TensorInfo {
  const [n, length] = updates.shape as [number, number];
  const numbers = frame.values(
    Float32Array.from({ length: rows }, (_, i) => i),
    [rows, 1],
    'f32',
  );
  const hitBy = frame.reshape(frame.cast(indices, 'float32'), [n, 1]);
  const chunk = Math.max(1, Math.floor(hitElements / rows));
  const product = (start: number, size: number): TensorInfo =>
    frame.scope((inner) => {
      const columns = inner.reshape(rowsOf(inner, hitBy, start, size), [1, size]);
      const a = inner.reshape(inner.cast(call2(inner, 'Equal', numbers, columns), 'float32'), [1, rows, size]);
      const b = inner.reshape(rowsOf(inner, updates, start, size), [1, size, length]);
      return inner.call('BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
    });
  return frame.reshape(addByParts(frame, n, chunk, product), [rows, length]);
}

/** Adds parts of the updates one after the other. */
function addByParts(
  frame: Frame,
  n: number,
  size: number,
  add: (start: number, size: number) => TensorInfo,
): TensorInfo {
  let sum: TensorInfo | undefined;
  for (let start = 0; start < n; start += size) {
    const part = add(start, Math.min(size, n - start));
    const before = sum;
    sum = before ? call2(frame, 'Add', before, part) : part;
    if (before) for (const info of [before, part]) frame.drop(info);
  }
  return sum!;
}

/** `[n]` indices, `[n, L]` updates → `[rows, L]`. */
export function scatterRows(frame: Frame, indices: TensorInfo, updates: TensorInfo, rows: number): TensorInfo {
  const [n, length] = updates.shape as [number, number];
  const { addsInOrder, largestScatter } = frame.runtime.traits;
  const isFloat = updates.dtype === 'float32';
  if (isFloat && !addsInOrder && rows * n * length <= affordableProducts)
    return addInOrder(frame, indices, updates, rows);
  const size = Math.max(1, Math.floor(largestScatter / (rows * length)));
  const column = frame.reshape(indices, [n, 1]);
  const scatter = (start: number, count: number): TensorInfo =>
    frame.call(
      'ScatterNd',
      {
        indices: rowsOf(frame, column, start, count),
        updates: rowsOf(frame, updates, start, count),
      },
      { shape: [rows, length] },
    );
  return addByParts(frame, n, size, scatter);
}

/** Some rows of a matrix. */
function rowsOf(frame: Frame, x: TensorInfo, start: number, count: number): TensorInfo {
  const [n, length] = x.shape as [number, number];
  if (count === n) return x;
  return frame.call('Slice', { x }, { begin: [start, 0], size: [count, length] });
}

/** tfjs scatters along the first axis: how values go from an axis of `shape` to rows, and sums of rows back. */
export function rowsAlong(
  frame: Frame,
  axis: number,
  shape: Shape,
): { toRows: (x: TensorInfo) => TensorInfo; back: (sums: TensorInfo) => TensorInfo } {
  const axes = shape.map((_, i) => i);
  const forward = [axis, ...axes.filter((i) => i !== axis)];
  const turn = (x: TensorInfo, perm: number[]): TensorInfo =>
    axis === 0 ? x : frame.call('Transpose', { x }, { perm });
  return {
    toRows: (x) => {
      const moved = turn(x, forward);
      return frame.reshape(moved, [moved.shape[0]!, sizeOf(moved.shape.slice(1))]);
    },
    back: (sums) => {
      const dims = forward.map((i) => shape[i]!);
      const perm = axes.map((i) => forward.indexOf(i));
      return turn(frame.reshape(sums, dims), perm);
    },
  };
}

/** indices `[n]`, updates → zeros plus the updates added at their indices along `axis`. */
export const scatterAdd: TfKernel<RequiredKernels['scatterAdd']> = (frame, [indices, updates], { axis }, [out]) => {
  const { toRows, back } = rowsAlong(frame, axis, out!.shape);
  return [back(scatterRows(frame, indexOf(frame, indices!), toRows(updates!.info), out!.shape[axis]!))];
};
