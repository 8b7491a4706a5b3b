/** Reading and adding at indices along an axis. */
import type { RequiredKernels } from '../backend/kernels.ts';
import type { TensorSpec } from '../dtype.ts';
import { ValueError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul } from './binary.ts';
import { checkRank, checkShape, normalizeAxis } from './broadcast-shapes.ts';
import { cast, equal } from './compare.ts';
import { range } from './create.ts';
import { defineOp } from './define-op.ts';
import { expandDims, reshape } from './reshape.ts';

function checkIndices(name: string, indices: TensorSpec): void {
  checkRank(name, 'indices', indices, 1);
  if (indices.dtype === 'u32' || indices.dtype === 'i32') return;
  throw new ValueError({
    code: 'DTYPE_MISMATCH',
    message: `${name}: expected indices of dtype u32 or i32, got ${indices.dtype}`,
    fix: "Convert with cast(indices, 'u32')",
  });
}

const gatherOp = defineOp<RequiredKernels['gather']>({
  name: 'gather',
  infer: ([x, indices], { axis }) => {
    checkIndices('gather', indices!);
    return [{ shape: x!.shape.map((n, i) => (i === axis ? indices!.shape[0]! : n)), dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x, indices], gradients: [dy], attributes: { axis } }) => [
    scatterAdd(indices!, dy!, { axis, size: x!.shape[axis]! }),
  ],
});

/**
 * Picks slices of `x` along `axis`.
 *
 * @param indices  u32 or i32 of any shape S, each in `[0, x.shape[axis])`; out of range is undefined behaviour, as in WGSL.
 * @returns `x` with that axis replaced by the axes S.
 *
 * @example
 * gather(codebook, indices); // [K, D] and [1, 16, 16] → [1, 16, 16, D]
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const at = normalizeAxis('gather', axis, x.rank);
  return tidy(() => {
    const y = gatherOp([x, reshape(indices, [indices.size])], { axis: at })[0]!;
    return reshape(y, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]);
  });
}

const scatterAddOp = defineOp<{ readonly axis: number; readonly size: number }>({
  name: 'scatterAdd',
  infer: ([indices, updates], { axis, size }) => {
    checkIndices('scatterAdd', indices!);
    const along = updates!.shape.map((n, i) => (i === axis ? indices!.shape[0]! : n));
    checkShape('scatterAdd', 'updates', updates!, along);
    return [{ shape: updates!.shape.map((n, i) => (i === axis ? size : n)), dtype: updates!.dtype }];
  },
  gradient: ({ inputs: [indices], gradients: [dy], attributes: { axis } }) => [undefined, gather(dy!, indices!, axis)],
});

/** Where to add, and how long the result is. */
export interface ScatterAddOptions {
  /** Default 0. */
  readonly axis?: number;
  /** Size of that axis in the result. */
  readonly size: number;
}

/**
 * Adds slices into zeros: the adjoint of `gather`.
 *
 * @param indices  u32 or i32 `[n]`, each in `[0, size)`.
 * @param updates  Its `axis` has size n; f32, i32 or u32.
 */
export function scatterAdd(indices: Tensor, updates: Tensor, { axis = 0, size }: ScatterAddOptions): Tensor {
  return scatterAddOp([indices, updates], { axis: normalizeAxis('scatterAdd', axis, updates.rank), size })[0]!;
}

/** f32 `[…, depth]`: 1 at the index, 0 elsewhere. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  return tidy(() => cast(equal(expandDims(cast(indices, 'u32'), -1), range(indices.backend, depth)), 'f32'));
}

/** Picks one value per row: x `[N, K]`, indices `[N]` → `[N]`. */
export function takePerRow(x: Tensor, indices: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  return tidy(() => {
    const offsets = mul(range(x.backend, rows), columns);
    return gather(reshape(x, [rows * columns]), add(offsets, cast(indices, 'u32')));
  });
}
