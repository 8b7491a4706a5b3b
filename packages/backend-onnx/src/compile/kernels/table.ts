/** Which kernel is lowered by what. `satisfies` makes a missing required kernel a compile error. */
import type { CompositeKernels, RequiredKernels } from '@vqkit/core';
import type { Lower } from '../lowering.ts';
import { lowerGelu, lowerLeakyRelu, lowerSilu, lowerSiluGrad } from './activation.ts';
import { lowerAdamStep, lowerAdamSteps } from './adam.ts';
import { lowerBinary, lowerCompare, lowerWhere } from './binary.ts';
import { lowerConv2d, lowerConv2dFused, lowerConv2dInputGrad } from './conv2d.ts';
import { lowerConv2dFilterGrad } from './conv2d-filter-grad.ts';
import { lowerBroadcast } from './elementwise.ts';
import { lowerGather, lowerScatterAdd } from './gather.ts';
import { lowerGroupNorm, lowerGroupNormGrad } from './group-norm.ts';
import { lowerPixelShuffle, lowerPixelUnshuffle, lowerResize } from './images.ts';
import { lowerLayerNorm, lowerLayerNormGrad } from './layer-norm.ts';
import { lowerConcat, lowerFill, lowerPad, lowerRange, lowerSlice, lowerTranspose } from './layout.ts';
import { lowerMatmul } from './matmul.ts';
import { lowerNearestCode } from './nearest-code.ts';
import { lowerPool2d, lowerSumWindows } from './pool2d.ts';
import { lowerPool2dGrad } from './pool2d-grad.ts';
import { lowerAttention, lowerLogSoftmax, lowerSoftmax } from './products.ts';
import { lowerRandomBits } from './random-bits.ts';
import { lowerArgReduce, lowerReduce } from './reduce.ts';
import { lowerCast, lowerUnary } from './unary.ts';

/** The required kernels. */
const requiredLowerings = {
  fill: lowerFill,
  range: lowerRange,
  unary: lowerUnary,
  binary: lowerBinary,
  compare: lowerCompare,
  where: lowerWhere,
  cast: lowerCast,
  reduce: lowerReduce,
  argReduce: lowerArgReduce,
  matmul: lowerMatmul,
  conv2d: lowerConv2d,
  conv2dInputGrad: lowerConv2dInputGrad,
  conv2dFilterGrad: lowerConv2dFilterGrad,
  pool2d: lowerPool2d,
  pool2dGrad: lowerPool2dGrad,
  transpose: lowerTranspose,
  slice: lowerSlice,
  broadcast: lowerBroadcast,
  concat: lowerConcat,
  pad: lowerPad,
  gather: lowerGather,
  scatterAdd: lowerScatterAdd,
} as const satisfies { readonly [K in keyof RequiredKernels]: Lower<RequiredKernels[K], never, never> };

/** The composite ops that we lower ourselves. */
export const compositeLowerings = {
  conv2dFused: lowerConv2dFused,
  silu: lowerSilu,
  siluGrad: lowerSiluGrad,
  gelu: lowerGelu,
  leakyRelu: lowerLeakyRelu,
  groupNorm: lowerGroupNorm,
  groupNormGrad: lowerGroupNormGrad,
  layerNorm: lowerLayerNorm,
  layerNormGrad: lowerLayerNormGrad,
  softmax: lowerSoftmax,
  logSoftmax: lowerLogSoftmax,
  attention: lowerAttention,
  nearestCode: lowerNearestCode,
  adamStep: lowerAdamStep,
  resize: lowerResize,
  pixelShuffle: lowerPixelShuffle,
  pixelUnshuffle: lowerPixelUnshuffle,
  randomBits: lowerRandomBits,
} as const satisfies { readonly [K in keyof CompositeKernels]?: Lower<CompositeKernels[K], never, never> };

/** Kernels that exist only inside this package, made by `fuse`. */
const internalLowerings = { sumWindows: lowerSumWindows, adamSteps: lowerAdamSteps } as const;

/** All lowerings. The table is keyed by strings from here on; each trusts that operands and attributes are its own. */
export const lowerings: ReadonlyMap<string, Lower<never, never, never>> = new Map<string, Lower<never, never, never>>(
  Object.entries({ ...requiredLowerings, ...compositeLowerings, ...internalLowerings }),
);
