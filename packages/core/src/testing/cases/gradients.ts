/** Gradients of elementwise ops, broadcasting included. */
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import {
  abs,
  add,
  cast,
  clamp,
  cos,
  div,
  erf,
  exp,
  log,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  pow,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  sub,
  type Tensor,
  tanh,
  where,
} from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { gradientCase } from '../gradient-case.ts';
import { distinct, integers, noise } from '../samples.ts';

/** Functions of one input with the range to check them in, away from poles. */
const unary: readonly (readonly [string, (x: Tensor) => Tensor, low: number, high: number])[] = [
  ['neg', neg, -2, 2],
  ['abs', abs, -2, 2],
  ['sign', sign, -2, 2],
  ['square', square, -2, 2],
  ['exp', exp, -2, 2],
  ['log', log, 0.5, 3],
  ['sqrt', sqrt, 0.5, 3],
  ['rsqrt', rsqrt, 0.5, 3],
  ['reciprocal', reciprocal, 0.5, 3],
  ['sin', sin, -3, 3],
  ['cos', cos, -3, 3],
  ['tanh', tanh, -2, 2],
  ['sigmoid', sigmoid, -4, 4],
  ['relu', relu, -2, 2],
  ['erf', erf, -2, 2],
  ['clamp', (x) => clamp(x, -1.05, 0.95), -2, 2],
  // Flat almost everywhere.
  ['round', round, -1, 1],
];

const unaryCases = unary.map(([name, fn, low, high]) =>
  // Eight values, a quarter of the range apart or more: no kink of abs, relu or round is within two steps.
  gradientCase(`unary ${name}`, fn, () => [distinct([2, 4], 201, low, high)]),
);

/** Functions of two inputs, and ranges: of the second, away from zero, or of whole numbers, so that no two are close. */
const binary: readonly (readonly [string, (a: Tensor, b: Tensor) => Tensor, isKinked: boolean])[] = [
  ['add', add, false],
  ['sub', sub, false],
  ['mul', mul, false],
  ['div', div, false],
  ['maximum', maximum, true],
  ['minimum', minimum, true],
];

const pairs = [
  [[3], [3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [4]],
  [
    [2, 1, 2],
    [3, 1],
  ],
] as const;

/** Whole numbers and a half: never closer than a half to whole numbers. */
function halves(shape: readonly number[]): HostTensor {
  const { data } = integers('f32', shape, -2, 2, 203);
  return hostTensor(
    'f32',
    shape,
    Array.from(data, (value) => value + 0.5),
  );
}

const binaryCases = binary.flatMap(([name, fn, isKinked]) =>
  pairs.map(([a, b]) =>
    gradientCase(`binary ${name} [${a}] with [${b}]`, fn, () =>
      isKinked ? [integers('f32', a, -2, 3, 202), halves(b)] : [noise(a, 202, -2, 2), noise(b, 203, 0.5, 2)],
    ),
  ),
);

/** Gradients of elementwise ops. */
export const gradientCases: readonly ConformanceCase[] = [
  ...unaryCases,
  ...binaryCases,
  gradientCase('pow', pow, () => [noise([2, 3], 207, 0.5, 2), noise([3], 208, -2, 2)]),
  gradientCase('mod', mod, () => [distinct([4], 209, 0.2, 1.8), distinct([1], 210, 2, 4)]),
  gradientCase(
    'where',
    (c, a, b) => where(c, a, b),
    () => [integers('u8', [2, 3], 0, 2, 211), noise([3], 212), noise([2, 1], 213)],
  ),
  gradientCase(
    'cast there and back',
    (x) => cast(cast(x, 'f16'), 'f32'),
    () => [noise([5], 214)],
    { hasDifferences: false },
  ),
  gradientCase(
    'a value used twice',
    (x) => mul(x, add(exp(x), x)),
    () => [noise([4], 215)],
  ),
];
