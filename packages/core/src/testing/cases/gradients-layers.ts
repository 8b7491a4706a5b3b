/** Gradients of what networks are made of: convolutions, pooling, norms, activations, attention, resizing, losses. */

import { hostTensor } from '../../cpu/host-kernel.ts';
import {
  attention,
  avgPool,
  batchNorm,
  conv2d,
  conv2dFused,
  convTranspose2d,
  crossEntropy,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  logSoftmax,
  maxPool,
  meanAbsoluteError,
  meanSquaredError,
  resize,
  silu,
  softmax,
  softplus,
  square,
  type Tensor,
  upsampleNearest,
} from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { gradientCase } from '../gradient-case.ts';
import { distinct, noise } from '../samples.ts';

const u32 = (...values: number[]) => hostTensor('u32', [values.length], values);

const convolutions: readonly (readonly [string, (x: Tensor, filter: Tensor) => Tensor, number[], number[]])[] = [
  ['conv2d same', (x, f) => conv2d(x, f, { pads: 'same' }), [1, 3, 4, 2], [3, 3, 2, 2]],
  ['conv2d valid, stride 2', (x, f) => conv2d(x, f, { pads: 'valid', strides: 2 }), [2, 5, 4, 1], [2, 2, 1, 2]],
  [
    'conv2d dilated, uneven pads',
    (x, f) => conv2d(x, f, { pads: [2, 0, 1, 1], dilations: 2 }),
    [1, 4, 5, 1],
    [2, 3, 1, 2],
  ],
  ['convTranspose2d', (x, f) => convTranspose2d(x, f, { strides: 2, pads: 1 }), [1, 2, 3, 2], [4, 4, 1, 2]],
];

/** The worked kernels of resize: method, antialias, target height and width. */
const resizes = [
  ['nearest', false, 5, 2],
  ['bilinear', false, 5, 3],
  ['bilinear', true, 2, 2],
  ['bicubic', false, 6, 3],
  ['bicubic', true, 2, 3],
] as const;

/** Functions of one tensor; values stay more than two steps away from kinks. */
const activations: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['silu', silu],
  ['gelu', (x) => gelu(x)],
  ['gelu, tanh', (x) => gelu(x, { approximation: 'tanh' })],
  ['leakyRelu', (x) => leakyRelu(x, 0.1)],
  ['softplus', softplus],
  ['softmax', softmax],
  ['logSoftmax', logSoftmax],
];

const affine = () => [noise([4], 242, 0.5, 1.5), noise([4], 243)];

/** Gradients of layers and losses. */
export const layerGradientCases: readonly ConformanceCase[] = [
  ...convolutions.map(([name, fn, x, filter]) => gradientCase(name, fn, () => [noise(x, 240), noise(filter, 241)])),
  ...activations.map(([name, fn]) => gradientCase(name, fn, () => [distinct([2, 4], 244, -2, 2)])),
  ...resizes.map(([method, antialias, height, width]) =>
    gradientCase(
      `resize ${method}${antialias ? ', antialiased' : ''} to ${height}×${width}`,
      (x) => resize(square(x), { method, antialias, height, width }),
      () => [noise([1, 3, 4, 2], 245)],
    ),
  ),
  gradientCase(
    'upsampleNearest',
    (x) => upsampleNearest(square(x), 2),
    () => [noise([1, 2, 2, 2], 246)],
  ),
  gradientCase(
    'maxPool',
    (x) => maxPool(x, { size: 2 }),
    () => [distinct([1, 4, 4, 1], 247, -2, 2)],
  ),
  gradientCase(
    'maxPool, overlapping',
    (x) => maxPool(x, { size: 3, strides: 2, pads: 1 }),
    () => [distinct([1, 4, 4, 1], 248, -2, 2)],
  ),
  gradientCase(
    'avgPool',
    (x) => avgPool(square(x), { size: [2, 3], strides: 1, pads: 1 }),
    () => [noise([1, 3, 4, 2], 249)],
  ),
  gradientCase(
    'groupNorm',
    (x, s, b) => groupNorm(x, s, b, { groups: 2, epsilon: 1e-3 }),
    () => [noise([2, 2, 2, 4], 250), ...affine()],
  ),
  gradientCase(
    'groupNorm with silu',
    (x, s, b) => groupNorm(x, s, b, { groups: 1, epsilon: 1e-3, activation: 'silu' }),
    () => [noise([1, 2, 3, 4], 251), ...affine()],
  ),
  gradientCase(
    'layerNorm',
    (x, s, b) => layerNorm(x, s, b, { epsilon: 1e-2 }),
    () => [noise([3, 4], 252, -2, 2), ...affine()],
  ),
  gradientCase(
    'batchNorm',
    (x, s, b) => batchNorm(x, s, b, { epsilon: 1e-2 }).y,
    () => [noise([2, 2, 1, 4], 253, -2, 2), ...affine()],
  ),
  gradientCase(
    'conv2dFused',
    (x, f, b, r) => conv2dFused(x, f, { pads: 'same', bias: b, activation: 'silu', residual: r }),
    () => [noise([1, 3, 3, 2], 254), noise([3, 3, 2, 2], 255), noise([2], 256), noise([1, 3, 3, 2], 257)],
  ),
  gradientCase(
    'attention',
    (q, k, v) => attention(q, k, v),
    () => [noise([2, 2, 3], 258), noise([2, 3, 3], 259), noise([2, 3, 2], 260)],
  ),
  gradientCase(
    'attention with bias',
    (q, k, v, b) => attention(q, k, v, { bias: b, scale: 0.7 }),
    () => [noise([2, 2, 3], 261), noise([2, 3, 3], 262), noise([2, 3, 2], 263), noise([1, 2, 3], 264)],
  ),
  gradientCase(
    'crossEntropy',
    (x, labels) => crossEntropy(x, labels),
    () => [noise([3, 4], 265, -2, 2), u32(3, 0, 2)],
  ),
  gradientCase('meanSquaredError', meanSquaredError, () => [noise([2, 3], 266), noise([2, 3], 267)]),
  gradientCase('meanAbsoluteError', meanAbsoluteError, () => [
    distinct([2, 3], 268, -2, -0.4),
    distinct([2, 3], 269, 0.4, 2),
  ]),
];
