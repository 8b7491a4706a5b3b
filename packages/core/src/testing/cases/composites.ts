/**
 * Composite ops against their defaults: activations, softmax, fused convolutions, losses. A backend with
 * an override runs it; one without runs the default. Both must agree with the default on the reference.
 */
import { hostTensor } from '../../cpu/host-kernel.ts';
import { conv2dFused, crossEntropy, gelu, leakyRelu, logSoftmax, silu, softmax, type Tensor } from '../../index.ts';
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
