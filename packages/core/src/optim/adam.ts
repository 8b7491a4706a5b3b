/**
 * Adam and AdamW as a pure function over trees: (parameters, gradients, state) → (parameters, state). The step count is
 * a tensor, so that a whole training step compiles once.
 *
 * @see Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101
 */
import type { Backend } from '../backend/backend.ts';
import type { CompositeKernels } from '../backend/composites.ts';
import { add, div, mul, pow, sub } from '../ops/binary.ts';
import { checkShape } from '../ops/broadcast-shapes.ts';
import { fill, scalar, zerosLike } from '../ops/create.ts';
import { defineOp } from '../ops/define-op.ts';
import { stack } from '../ops/layout.ts';
import { reshape } from '../ops/reshape.ts';
import { slice } from '../ops/slice.ts';
import { sqrt, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { mapTree, tensorsOf, unflatten } from '../tree/tree.ts';
import type { Optimizer } from './optimizer.ts';

const adamStepOp = defineOp<CompositeKernels['adamStep']>({
  name: 'adamStep',
  infer: ([parameter, gradient, m, v, rates]) => {
    for (const x of [gradient!, m!, v!]) checkShape('adamStep', 'gradient and moments', x, parameter!.shape);
    checkShape('adamStep', 'rates', rates!, [3]);
    return [parameter!, m!, v!].map(({ shape }) => ({ shape, dtype: 'f32' }));
  },
  forward: ([parameter, gradient, m, v, rates], { beta1, beta2, epsilon, weightDecay }) => {
    const at = (i: number): Tensor => reshape(slice(rates!, [i], { size: [1] }), []);
    const [rate, correction1, correction2] = [at(0), at(1), at(2)];
    const newM = add(mul(m!, beta1), mul(gradient!, 1 - beta1));
    const newV = add(mul(v!, beta2), mul(square(gradient!), 1 - beta2));
    const step = div(mul(newM, mul(rate, correction1)), add(sqrt(mul(newV, correction2)), epsilon));
    const decayed = weightDecay === 0 ? parameter! : sub(parameter!, mul(parameter!, mul(rate, weightDecay)));
    return [sub(decayed, step), newM, newV];
  },
});

/** What Adam remembers. */
export interface AdamState<P> {
  /** Steps done, f32 scalar. */
  readonly step: Tensor;
  /** First moments, like the parameters. */
  readonly m: P;
  /** Second moments, like the parameters. */
  readonly v: P;
}

/** Constants of Adam. */
export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay (AdamW). Default 0. */
  readonly weightDecay?: number;
}

/**
 * Adam; with `weightDecay` it is AdamW.
 *
 * @example
 * const optimizer = adam({ beta2: 0.99 });
 * let state = optimizer.init(params);
 * ({ params, state } = optimizer.update(params, gradients, state, 4e-4));
 */
export function adam<P>(options: AdamOptions = {}): Optimizer<P, AdamState<P>> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    init: (params) => ({
      step: scalar(backendOf(params), 0),
      m: mapTree(params, zerosLike),
      v: mapTree(params, zerosLike),
    }),
    update: (params, gradients, state, rate) =>
      tidy(() => {
        const step = add(state.step, 1);
        const { backend } = step;
        const correction = (beta: number): Tensor => div(1, sub(1, pow(fill(backend, [], beta), step)));
        const rates = stack([
          isTensor(rate) ? reshape(rate, []) : scalar(backend, rate),
          correction(beta1),
          correction(beta2),
        ]);
        const [gradient, m, v] = [gradients, state.m, state.v].map(tensorsOf) as [Tensor[], Tensor[], Tensor[]];
        const updated = tensorsOf(params).map((p, i) =>
          adamStepOp([p, gradient[i]!, m[i]!, v[i]!, rates], { beta1, beta2, epsilon, weightDecay }),
        );
        const pick = (index: number): P =>
          unflatten(
            params,
            updated.map((outputs) => outputs[index]!),
          );
        return { params: pick(0), state: { step, m: pick(1), v: pick(2) } };
      }),
  };
}

function backendOf(params: unknown): Backend {
  return tensorsOf(params)[0]!.backend;
}
