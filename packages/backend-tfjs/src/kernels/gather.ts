/** `gather` and `scatterAdd` along an axis. */
import { type RequiredKernels, sizeOf } from '@vqkit/core';
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
  const hitBy = frame.reshape(frame.cast(indices, 'float32'), [1, n]);
  const chunk = Math.max(1, Math.floor(hitElements / rows));
  let sum: TensorInfo | undefined;
  for (let start = 0; start < n; start += chunk) {
    sum = frame.scope((inner) => {
      const size = Math.min(chunk, n - start);
      const columns = inner.call('Slice', { x: hitBy }, { begin: [0, start], size: [1, size] });
      const values = inner.call('Slice', { x: updates }, { begin: [start, 0], size: [size, length] });
      const a = inner.reshape(inner.cast(call2(inner, 'Equal', numbers, columns), 'float32'), [1, rows, size]);
      const b = inner.reshape(values, [1, size, length]);
      const part = inner.call('BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
      return sum ? call2(inner, 'Add', sum, part) : part;
    });
  }
  return frame.reshape(sum!, [rows, length]);
}

function scatterRows(frame: Frame, indices: TensorInfo, updates: TensorInfo, rows: number): TensorInfo {
  const [n, length] = updates.shape as [number, number];
  const isFloat = updates.dtype === 'float32';
  if (isFloat && !frame.runtime.traits.addsInOrder && rows * n * length <= affordableProducts) {
    return addInOrder(frame, indices, updates, rows);
  }
  return frame.call('ScatterNd', { indices: frame.reshape(indices, [n, 1]), updates }, { shape: [rows, length] });
}

/** indices `[n]`, updates → zeros plus the updates added at their indices along `axis`. */
export const scatterAdd: TfKernel<RequiredKernels['scatterAdd']> = (frame, [indices, updates], { axis }, [out]) => {
  // tfjs scatters along the first axis; the others move behind it and back.
  const axes = out!.shape.map((_, i) => i);
  const forward = [axis, ...axes.filter((i) => i !== axis)];
  const moved = axis === 0 ? updates!.info : frame.call('Transpose', { x: updates!.info }, { perm: forward });
  const rows = frame.reshape(moved, [indices!.shape[0]!, sizeOf(moved.shape.slice(1))]);
  const scattered = scatterRows(frame, indexOf(frame, indices!), rows, out!.shape[axis]!);
  const shaped = frame.reshape(
    scattered,
    forward.map((i) => out!.shape[i]!),
  );
  const back = axes.map((i) => forward.indexOf(i));
  return [axis === 0 ? shaped : frame.call('Transpose', { x: shaped }, { perm: back })];
};
