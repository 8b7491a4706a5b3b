/** Gradients with rules of their own, gradients of gradients, and what flows where. */
import {
  avgPool,
  checkpoint,
  conv2d,
  customGrad,
  exp,
  layerNorm,
  matmul,
  mean,
  mul,
  round,
  sigmoid,
  silu,
  softmax,
  square,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  valueAndGrad,
} from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { gradientCase } from '../gradient-case.ts';
import { noise } from '../samples.ts';

/** The gradient of Σ fn(x)² as a function, to be differentiated once more. */
function gradientOf(fn: (x: Tensor, ...rest: Tensor[]) => Tensor): (x: Tensor, ...rest: Tensor[]) => Tensor {
  const loss = (x: Tensor, ...rest: Tensor[]): Tensor => sum(square(fn(x, ...rest)));
  return (x, ...rest) => valueAndGrad(loss)(x, ...rest).gradients;
}

const twice: readonly (readonly [string, (x: Tensor, ...rest: Tensor[]) => Tensor, ...number[][]])[] = [
  ['tanh', tanh, [2, 3]],
  ['exp and mul', (x) => mul(exp(x), x), [4]],
  ['sigmoid', sigmoid, [4]],
  ['silu', silu, [4]],
  ['softmax', softmax, [2, 3]],
  ['matmul', (x, w) => tanh(matmul(x, w!)), [2, 3], [3, 2]],
  ['conv2d', (x, f) => tanh(conv2d(x, f!, { pads: 'same' })), [1, 3, 3, 1], [3, 3, 1, 2]],
  ['avgPool', (x) => avgPool(square(x), { size: 2 }), [1, 2, 4, 1]],
  ['mean', (x) => mean(square(x), { axes: 0 }), [3, 2]],
  ['layerNorm', (x, s, b) => layerNorm(x, s!, b!, { epsilon: 0.1 }), [2, 3], [3], [3]],
];

/** round, with the gradient of the identity. */
const straightThrough = customGrad((x) => ({ value: round(x!), gradient: (dy) => [dy] }));

/** Rules, second order, checkpoints. */
export const ruleGradientCases: readonly ConformanceCase[] = [
  ...twice.map(([name, fn, ...shapes]) =>
    gradientCase(`of a gradient, ${name}`, gradientOf(fn), () => shapes.map((shape, i) => noise(shape, 281 + i)), {
      // Second derivatives of these functions reach 10.
      tolerance: { relative: 2e-3, absolute: 1e-3 },
    }),
  ),
  gradientCase(
    'customGrad: straight-through rounding',
    (x) => mul(straightThrough(x), x),
    () => [noise([5], 285, -3, 3)],
    {
      hasDifferences: false,
    },
  ),
  gradientCase(
    'stopGradient',
    (x) => mul(x, stopGradient(exp(x))),
    () => [noise([5], 286)],
    { hasDifferences: false },
  ),
  gradientCase(
    'checkpoint',
    checkpoint((x, w) => tanh(matmul(tanh(x!), w!))),
    () => [noise([2, 3], 287), noise([3, 2], 288)],
  ),
];
