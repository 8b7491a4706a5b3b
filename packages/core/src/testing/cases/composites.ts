/**
 * Composite ops against their defaults: activations, softmax, norms, attention, fused convolutions, losses. A backend with
 * an override runs it; one without runs the default. Both must agree with the default on the reference.
 */
import { hostTensor } from '../../cpu/host-kernel.ts';
import {
  attention,
  batchNorm,
  conv2dFused,
  crossEntropy,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  logSoftmax,
  silu,
  softmax,
  type Tensor,
  vjp,
} from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { opCase } from '../op-case.ts';
import { indices, noise } from '../samples.ts';
import { chained, sumOf } from '../tolerances.ts';

const shapes: readonly (readonly number[])[] = [[1], [7], [3, 5], [2, 3, 129], [0, 4], [5, 1]];

const elementwise: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['silu', silu],
  ['gelu', (x) => gelu(x)],
  ['gelu tanh', (x) => gelu(x, { approximation: 'tanh' })],
  ['leakyRelu', (x) => leakyRelu(x, 0.1)],
  ['softmax', softmax],
  ['logSoftmax', logSoftmax],
];

const activationCases = elementwise.flatMap(([name, fn]) =>
  shapes.map((shape) => opCase(`composite: ${name} [${shape}]`, fn, () => [noise(shape, 301, -8, 8)])),
);

const extremes = hostTensor('f32', [2, 4], [1000, 999, -1000, 0, -500, -500, -500, Number.NEGATIVE_INFINITY]);

const affine = (channels: number) => [noise([channels], 302, 0.5, 1.5), noise([channels], 303)];

/** Image shape, groups. */
const groupings: readonly (readonly [readonly number[], number])[] = [
  [[1, 1, 1, 4], 2],
  [[2, 5, 3, 8], 4],
  [[1, 7, 7, 6], 1],
  [[2, 4, 4, 6], 6],
  [[1, 9, 11, 64], 32],
  [[3, 16, 16, 12], 3],
];

const normCases = groupings.flatMap(([shape, groups]) => [
  ...(['none', 'silu'] as const).map((activation) =>
    opCase(
      `composite: groupNorm [${shape}], ${groups} groups, ${activation}`,
      (x, s, b) => groupNorm(x, s, b, { groups, activation, epsilon: 1e-5 }),
      () => [noise(shape, 304, 0, 3), ...affine(shape[3]!)],
    ),
  ),
  opCase(
    `composite: groupNormGrad [${shape}], ${groups} groups`,
    (x, s, b, dy) => vjp((...p) => [groupNorm(p[0]!, p[1]!, p[2]!, { groups, epsilon: 1e-5 })], [x, s, b], [dy]),
    () => [noise(shape, 304, 0, 3), ...affine(shape[3]!), noise(shape, 305)],
    { relative: 1e-3, absolute: 1e-3 },
  ),
]);

const layerNorms = [
  [3, 8],
  [2, 5, 7],
  [1, 1],
  [4, 513],
  [0, 6],
].flatMap((shape) => [
  opCase(
    `composite: layerNorm [${shape}]`,
    (x, s, b) => layerNorm(x, s, b),
    () => [noise(shape, 306, -3, 5), ...affine(shape.at(-1)!)],
  ),
  opCase(
    `composite: layerNormGrad [${shape}]`,
    (x, s, b, dy) => vjp((...p) => [layerNorm(p[0]!, p[1]!, p[2]!)], [x, s, b], [dy]),
    () => [noise(shape, 306, -3, 5), ...affine(shape.at(-1)!), noise(shape, 307)],
    { relative: 1e-3, absolute: 1e-3 },
  ),
]);

/** Batch, queries, keys, D, E. */
const attentions: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 1, 1, 1],
  [2, 3, 5, 4, 4],
  [1, 17, 33, 8, 5],
  [3, 64, 64, 16, 16],
];

const attentionCases = attentions.flatMap(([b, q, k, d, e]) => {
  const inputs = () => [noise([b, q, d], 308), noise([b, k, d], 309), noise([b, k, e], 310)];
  return [
    opCase(`composite: attention ${b}×${q}×${k}`, (x, y, z) => attention(x, y, z), inputs),
    ...[1, b].slice(0, b === 1 ? 1 : 2).map((batch) =>
      opCase(
        `composite: attention ${b}×${q}×${k} with bias of ${batch}`,
        (x, y, z, bias) => attention(x, y, z, { bias, scale: 0.9 }),
        () => [...inputs(), noise([batch, q, k], 311)],
      ),
    ),
  ];
});

/** Masks of −∞ above the diagonal, as causal transformers use. */
const causal = Array.from({ length: 16 }, (_, i) => (i % 4 > Math.floor(i / 4) ? Number.NEGATIVE_INFINITY : 0));

const fused = (['none', 'relu', 'leakyRelu', 'silu', 'gelu', 'sigmoid', 'tanh'] as const).flatMap((activation) =>
  [false, true].map((hasResidual) =>
    opCase(
      `composite: conv2dFused ${activation}${hasResidual ? ' with residual' : ''}`,
      (x, filter, bias, residual) =>
        conv2dFused(x, filter, { pads: 'same', bias, activation, ...(hasResidual && { residual }) }),
      () => [noise([2, 5, 6, 5], 312), noise([3, 3, 5, 7], 313), noise([7], 314), noise([2, 5, 6, 7], 315)],
      { relative: chained.relative, absolute: chained.absolute + sumOf(45).absolute },
    ),
  ),
);

/** Overrides of network parts. */
export const compositeCases: readonly ConformanceCase[] = [
  ...activationCases,
  opCase('composite: softmax of extremes', softmax, () => [extremes]),
  opCase('composite: logSoftmax of extremes', logSoftmax, () => [hostTensor('f32', [1, 4], [1000, 999, -1000, 0])]),
  opCase('composite: softmax of 70,001 rows', softmax, () => [noise([70_001, 3], 316)]),
  ...normCases,
  ...layerNorms,
  opCase(
    'composite: layerNorm of 70,001 rows',
    (x, s, b) => layerNorm(x, s, b),
    () => [noise([70_001, 4], 317, -3, 3), ...affine(4)],
  ),
  opCase(
    'composite: batchNorm',
    (x, s, b) => batchNorm(x, s, b),
    () => [noise([3, 4, 5, 6], 318), ...affine(6)],
  ),
  ...attentionCases,
  opCase(
    'composite: attention with a causal mask',
    (q, k, v, bias) => attention(q, k, v, { bias }),
    () => [noise([2, 4, 3], 319), noise([2, 4, 3], 320), noise([2, 4, 3], 321), hostTensor('f32', [1, 4, 4], causal)],
  ),
  ...fused,
  opCase(
    'composite: conv2dFused strided, uneven pads',
    (x, f, bias) => conv2dFused(x, f, { strides: 2, pads: [0, 1, 2, 0], bias, activation: 'silu' }),
    () => [noise([1, 7, 8, 3], 322), noise([3, 3, 3, 5], 323), noise([5], 324)],
  ),
  ...[
    [1, 1],
    [5, 7],
    [70_001, 3],
  ].map(([n, k]) =>
    opCase(`composite: crossEntropy [${n}, ${k}]`, crossEntropy, () => [
      noise([n!, k!], 325, -5, 5),
      indices([n!], k!, 326),
    ]),
  ),
];
