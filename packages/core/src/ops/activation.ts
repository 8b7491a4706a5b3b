/** Activations beyond the required unary kernels, and softmax. */

import { stopGradient } from '../autograd/stop-gradient.ts';
import type { Activation } from '../backend/composites.ts';
import type { TensorSpec } from '../dtype.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, div, mul, sub } from './binary.ts';
import { checkDTypes } from './broadcast-shapes.ts';
import { greater, where } from './compare.ts';
import { defineOp } from './define-op.ts';
import { max, sum } from './reduce.ts';
import { abs, erf, exp, log, relu, sigmoid, tanh } from './unary.ts';

const likeFirst =
  (name: string) =>
  (inputs: readonly TensorSpec[]): TensorSpec[] => {
    checkDTypes(name, inputs, ['f32']);
    return [{ shape: inputs[0]!.shape, dtype: 'f32' }];
  };

const siluOp = defineOp<object>({
  name: 'silu',
  infer: likeFirst('silu'),
  forward: ([x]) => [mul(x!, sigmoid(x!))],
  gradient: ({ inputs: [x], gradients: [dy] }) => [siluGradOp([dy!, x!], {})[0]],
});

const siluGradOp = defineOp<object>({
  name: 'siluGrad',
  infer: likeFirst('siluGrad'),
  forward: ([dy, x]) => {
    const s = sigmoid(x!);
    return [mul(dy!, mul(s, add(mul(x!, sub(1, s)), 1)))];
  },
});

/** x·sigmoid(x), also called swish. @see Ramachandran et al. 2017, arXiv:1710.05941 */
export function silu(x: Tensor): Tensor {
  return siluOp([x], {})[0]!;
}

const geluOp = defineOp<{ readonly approximation: 'none' | 'tanh' }>({
  name: 'gelu',
  infer: likeFirst('gelu'),
  forward: ([x], { approximation }) => {
    if (approximation === 'none') return [mul(mul(x!, 0.5), add(erf(mul(x!, Math.SQRT1_2)), 1))];
    const inner = mul(add(x!, mul(mul(x!, mul(x!, x!)), 0.044715)), Math.sqrt(2 / Math.PI));
    return [mul(mul(x!, 0.5), add(tanh(inner), 1))];
  },
});

/** x·Φ(x), exactly or by the tanh approximation. @see Hendrycks & Gimpel 2016, arXiv:1606.08415 */
export function gelu(x: Tensor, options: { readonly approximation?: 'none' | 'tanh' } = {}): Tensor {
  return geluOp([x], { approximation: options.approximation ?? 'none' })[0]!;
}

const leakyReluOp = defineOp<{ readonly slope: number }>({
  name: 'leakyRelu',
  infer: likeFirst('leakyRelu'),
  forward: ([x], { slope }) => [where(greater(x!, 0), x!, mul(x!, slope))],
});

/** x where x > 0, else slope·x (0.2 unless given, as in patch discriminators). */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return leakyReluOp([x], { slope })[0]!;
}

/** log(1 + eˣ), computed without overflow. */
export function softplus(x: Tensor): Tensor {
  return tidy(() => add(relu(x), log(add(exp(mul(abs(x), -1)), 1))));
}

/** Applies an activation by name. */
export function activate(x: Tensor, activation: Activation): Tensor {
  const functions: Record<Activation, (x: Tensor) => Tensor> = {
    none: (y) => y,
    relu,
    leakyRelu: (y) => leakyRelu(y),
    silu,
    gelu: (y) => gelu(y),
    sigmoid,
    tanh,
  };
  return functions[activation](x);
}

const lastAxis = { axes: -1, keepDims: true } as const;

const softmaxOp = defineOp<object>({
  name: 'softmax',
  infer: likeFirst('softmax'),
  forward: ([x]) => {
    const e = exp(sub(x!, stopGradient(max(x!, lastAxis))));
    return [div(e, sum(e, lastAxis))];
  },
  gradient: ({ outputs: [y], gradients: [dy] }) => [mul(y!, sub(dy!, sum(mul(dy!, y!), lastAxis)))],
});

/** eˣ over its sum along the last axis. @param x  f32 `[…, C]` */
export function softmax(x: Tensor): Tensor {
  return softmaxOp([x], {})[0]!;
}

const logSoftmaxOp = defineOp<object>({
  name: 'logSoftmax',
  infer: likeFirst('logSoftmax'),
  forward: ([x]) => {
    const shifted = sub(x!, stopGradient(max(x!, lastAxis)));
    return [sub(shifted, log(sum(exp(shifted), lastAxis)))];
  },
  gradient: ({ outputs: [y], gradients: [dy] }) => [sub(dy!, mul(exp(y!), sum(dy!, lastAxis)))],
});

/** log(softmax(x)) along the last axis, without losing small probabilities. @param x  f32 `[…, C]` */
export function logSoftmax(x: Tensor): Tensor {
  return logSoftmaxOp([x], {})[0]!;
}
