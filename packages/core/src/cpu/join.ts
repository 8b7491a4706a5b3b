/** `concat` and `pad`: outputs made of whole runs of their inputs, of any dtype. */

import type { RequiredKernels } from '../backend/kernels.ts';
import { allocate, sizeOf, stridesOf, type TypedArray } from '../dtype.ts';
import { filled } from './create.ts';
import type { HostKernel } from './host-kernel.ts';
import { planWalk, walkRuns } from './walk.ts';

/** Copies `length` elements between arrays of one dtype. */
function copyRun(source: TypedArray, from: number, target: TypedArray, to: number, length: number): void {
  target.set(source.subarray(from, from + length), to);
}

/** x₁ … xₙ → joined along `axis`. */
export const concat: HostKernel<RequiredKernels['concat']> = (inputs, { axis }, [out]) => {
  const { shape, dtype } = out!;
  const result = allocate(dtype, sizeOf(shape));
  const outer = sizeOf(shape.slice(0, axis));
  let to = 0;
  for (let i = 0; i < outer; i++) {
    for (const x of inputs) {
      const length = sizeOf(x.shape.slice(axis));
      copyRun(x.data, i * length, result, to, length);
      to += length;
    }
  }
  return [result];
};

/** x → `before` and `after` elements of `value` around each axis. */
export const pad: HostKernel<RequiredKernels['pad']> = ([x], { before, value }, [out]) => {
  const result = filled(out!.dtype, sizeOf(out!.shape), value);
  const strides = stridesOf(out!.shape);
  const start = before.reduce((sum, count, axis) => sum + count * strides[axis]!, 0);
  const plan = planWalk(x!.shape, [strides]);
  const stride = plan.innerStrides[0]!;
  walkRuns(plan, [start], ([to], position) => {
    if (stride === 1) copyRun(x!.data, position, result, to!, plan.inner);
    else for (let i = 0; i < plan.inner; i++) result[to! + i * stride] = x!.data[position + i]!;
  });
  return [result];
};
