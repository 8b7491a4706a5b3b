/** `reduce` and `argReduce`. Float sums accumulate in float64; integer sums and products wrap. */

import { emptyReductions, type ReduceOp, type RequiredKernels } from '../backend/kernels.ts';
import { allocate, sizeOf, stridesOf } from '../dtype.ts';
import type { HostKernel } from './host-kernel.ts';
import { planWalk, walkRuns } from './walk.ts';

type Fold = (sum: number, value: number) => number;

const add: Fold = (sum, value) => sum + value;

const floatFolds: Readonly<Record<ReduceOp, Fold>> = {
  sum: add,
  mean: add,
  prod: (product, value) => product * value,
  max: Math.max,
  min: Math.min,
};

const integerFolds: Readonly<Record<ReduceOp, Fold>> = {
  ...floatFolds,
  // `| 0` keeps the low 32 bits at every step, so that long sums wrap exactly; u32 results come out right when stored.
  sum: (sum, value) => (sum + value) | 0,
  prod: Math.imul,
};

/** x → reduced over `axes`. */
export const reduce: HostKernel<RequiredKernels['reduce']> = ([x], { op, axes }, [out]) => {
  const { shape, data, dtype } = x!;
  const keptShape = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const outStrides = stridesOf(keptShape).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const sums = new Float64Array(sizeOf(keptShape)).fill(op === 'mean' ? 0 : emptyReductions[op]);
  const fold = (dtype === 'f32' ? floatFolds : integerFolds)[op];
  const plan = planWalk(shape, [outStrides]);
  const stride = plan.innerStrides[0]!;
  walkRuns(plan, [0], ([start], position) => {
    let at = start!;
    for (let i = position; i < position + plan.inner; i++, at += stride) sums[at] = fold(sums[at]!, data[i]!);
  });
  if (op === 'mean') {
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    for (let i = 0; i < sums.length; i++) sums[i]! /= count;
  }
  const result = allocate(out!.dtype, sums.length);
  result.set(sums);
  return [result];
};

/** x → u32 index of the best value along `axis`; the lowest index wins ties, the first NaN wins over all. */
export const argReduce: HostKernel<RequiredKernels['argReduce']> = ([x], { op, axis }, [out]) => {
  const { shape, data } = x!;
  const size = shape[axis]!;
  const stride = sizeOf(shape.slice(axis + 1));
  const result = new Uint32Array(sizeOf(out!.shape));
  const sign = op === 'argmax' ? 1 : -1;
  for (let i = 0; i < result.length; i++) {
    const start = Math.floor(i / stride) * size * stride + (i % stride);
    let best = sign * data[start]!;
    for (let k = 1; k < size && !Number.isNaN(best); k++) {
      const value = sign * data[start + k * stride]!;
      if (value > best || Number.isNaN(value)) {
        best = value;
        result[i] = k;
      }
    }
  }
  return [result];
};
