/** All kernels by name. A missing required kernel is a compile error. */
import type { CompositeKernels, RequiredKernel, RequiredKernels } from '@vqkit/core';
import type { Call, Kernel, KernelContext } from '../plan.ts';
import { adamStep } from './adam.ts';
import { attention, supportsAttention } from './attention/attention.ts';
import { fill, range } from './create.ts';
import { conv2d, conv2dEpilogue, conv2dFilterGrad, conv2dFused, conv2dInputGrad } from './gemm/conv2d.ts';
import { matmul, matmulEpilogue } from './gemm/matmul.ts';
import { groupNorm } from './group-norm.ts';
import { groupNormGrad } from './group-norm-grad.ts';
import { pixelShuffle, pixelUnshuffle, resize } from './image.ts';
import { concat, gather, pad } from './join.ts';
import { layerNorm, layerNormGrad } from './layer-norm.ts';
import { nearestCode } from './nearest/nearest-code.ts';
import { pointwise } from './pointwise.ts';
import { pool2d, pool2dGrad } from './pool2d.ts';
import { randomBits } from './random-bits.ts';
import { argReduce, reduce } from './reduce.ts';
import { codeStatistics, scatterAdd } from './scatter.ts';
import { crossEntropy, logSoftmax, softmax } from './softmax.ts';
import { broadcast, slice, transpose } from './strided.ts';

const required = {
  fill,
  range,
  unary: pointwise,
  binary: pointwise,
  compare: pointwise,
  where: pointwise,
  cast: pointwise,
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
} satisfies { readonly [K in RequiredKernel]: Kernel<RequiredKernels[K]> };

const composite = {
  nearestCode,
  attention,
  codeStatistics,
  softmax,
  logSoftmax,
  layerNorm,
  groupNorm,
  conv2dFused,
  resize,
  pixelShuffle,
  pixelUnshuffle,
  silu: pointwise,
  siluGrad: pointwise,
  gelu: pointwise,
  leakyRelu: pointwise,
  crossEntropy,
  groupNormGrad,
  layerNormGrad,
  adamStep,
  randomBits,
} satisfies { readonly [K in keyof CompositeKernels]?: Kernel<CompositeKernels[K]> };

/** Kernels that only `compile` calls, for patterns that it finds. */
const fused = { conv2dEpilogue, matmulEpilogue, nearestIndices: nearestCode };

/** Kernels by name, as the backend looks them up. */
export type KernelTable = Readonly<Record<string, Kernel>>;

/** Kernels for patterns in graphs, by name. */
export const fusedKernels = fused as unknown as KernelTable;

/** The kernels of this package. */
export const kernels = { ...required, ...composite } as unknown as KernelTable;

/** Composite kernels that take some calls only; the rest runs as core's default. */
export const conditions: Readonly<Record<string, (call: Call, context: KernelContext) => boolean>> = {
  attention: supportsAttention,
};
