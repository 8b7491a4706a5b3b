/** `gather` and `scatterAdd` along an axis. As the oracle, this backend also notices indices out of range. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { allocate, sizeOf, type TypedArray } from '../dtype.ts';
import { ValueError } from '../errors.ts';
import type { HostKernel } from './host-kernel.ts';

function checkIndices(kernel: string, indices: TypedArray, size: number): void {
  const bad = indices.find((index) => index < 0 || index >= size);
  if (bad === undefined) return;
  throw new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${kernel}: expected indices in [0, ${size}), got ${bad}`,
    fix: 'Check that the indices belong to this table',
  });
}

/** x, indices `[n]` → x with `axis` replaced by n picked slices. */
export const gather: HostKernel<RequiredKernels['gather']> = ([x, indices], { axis }, [out]) => {
  const { shape, data } = x!;
  const size = shape[axis]!;
  checkIndices('gather', indices!.data, size);
  const result = allocate(out!.dtype, sizeOf(out!.shape));
  const outer = sizeOf(shape.slice(0, axis));
  const length = sizeOf(shape.slice(axis + 1));
  let to = 0;
  for (let i = 0; i < outer; i++) {
    for (const index of indices!.data) {
      const from = (i * size + index) * length;
      // A loop beats `set(subarray())` for the short slices of small codebooks.
      for (let k = 0; k < length; k++) result[to + k] = data[from + k]!;
      to += length;
    }
  }
  return [result];
};

/** indices `[n]`, updates → zeros plus the updates added at their indices along `axis`. */
export const scatterAdd: HostKernel<RequiredKernels['scatterAdd']> = ([indices, updates], { axis }, [out]) => {
  const { shape, dtype } = out!;
  const size = shape[axis]!;
  checkIndices('scatterAdd', indices!.data, size);
  // Integers wrap when they are stored; float64 holds their sums exactly up to 2⁵³.
  const sums = new Float64Array(sizeOf(shape));
  const outer = sizeOf(shape.slice(0, axis));
  const length = sizeOf(shape.slice(axis + 1));
  let from = 0;
  for (let i = 0; i < outer; i++) {
    for (const index of indices!.data) {
      const to = (i * size + index) * length;
      for (let k = 0; k < length; k++) sums[to + k]! += updates!.data[from + k]!;
      from += length;
    }
  }
  const result = allocate(dtype, sums.length);
  result.set(sums);
  return [result];
};
