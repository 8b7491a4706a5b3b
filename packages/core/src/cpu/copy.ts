/** `transpose`, `slice` and `broadcast`: one strided copy, of any dtype. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { allocate, sizeOf, stridesOf, type TensorSpec, type TypedArray } from '../dtype.ts';
import type { HostKernel, HostTensor } from './host-kernel.ts';
import { broadcastStrides, planWalk, walkRuns } from './walk.ts';

function stridedCopy({ data }: HostTensor, offset: number, strides: readonly number[], out: TensorSpec): TypedArray {
  const result = allocate(out.dtype, sizeOf(out.shape));
  const plan = planWalk(out.shape, [strides]);
  const stride = plan.innerStrides[0]!;
  walkRuns(plan, [offset], ([start], position) => {
    let at = start!;
    for (let i = position; i < position + plan.inner; i++, at += stride) result[i] = data[at]!;
  });
  return result;
}

/** x → output axis i is input axis perm[i]. */
export const transpose: HostKernel<RequiredKernels['transpose']> = ([x], { perm }, [out]) => {
  const strides = stridesOf(x!.shape);
  return [
    stridedCopy(
      x!,
      0,
      perm.map((axis) => strides[axis]!),
      out!,
    ),
  ];
};

/** x → out[i…] = x[begin + i·step …]. */
export const slice: HostKernel<RequiredKernels['slice']> = ([x], { begin, step }, [out]) => {
  const strides = stridesOf(x!.shape);
  const offset = begin.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  return [
    stridedCopy(
      x!,
      offset,
      strides.map((stride, axis) => stride * step[axis]!),
      out!,
    ),
  ];
};

/** x → output shape by NumPy broadcasting. */
export const broadcast: HostKernel<RequiredKernels['broadcast']> = ([x], _, [out]) => [
  stridedCopy(x!, 0, broadcastStrides(x!.shape, out!.shape), out!),
];
