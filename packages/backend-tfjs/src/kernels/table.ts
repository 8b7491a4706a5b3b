/** The table of kernels. `satisfies` makes a missing required kernel a compile error. */
import type { RequiredKernels } from '@vqkit/core';
import { binary, compare, where } from './binary.ts';
import { cast } from './cast.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from './conv2d.ts';
import { fill, range } from './create.ts';
import { gather, scatterAdd } from './gather.ts';
import { broadcast, concat, pad, slice, transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { pool2d, pool2dGrad } from './pool2d.ts';
import { argReduce, reduce } from './reduce.ts';
import type { TfKernel } from './tf-kernel.ts';
import { unary } from './unary.ts';

/** The required kernels on tfjs. */
export const requiredTfKernels = {
  fill,
  range,
  unary,
  binary,
  compare,
  where,
  cast,
  reduce,
  argReduce,
  matmul,
  conv2d,
  conv2dInputGrad,
  conv2dFilterGrad,
  pool2d,
  pool2dGrad,
  transpose,
  slice,
  broadcast,
  concat,
  pad,
  gather,
  scatterAdd,
} as const satisfies { readonly [K in keyof RequiredKernels]: TfKernel<RequiredKernels[K]> };
