/**
 * The public face of differentiation: `valueAndGrad`, `customGrad`, `checkpoint` (and `stopGradient`). Straight-through
 * estimators, the rotation trick and reconstruction-aware prediction are made of these.
 */
import { isFloat } from '../dtype.ts';
import { onesLike, zerosLike } from '../ops/create.ts';
import { barrier } from '../ops/unary.ts';
import { tidyRecording } from '../tensor/scope.ts';
import { alias, isTensor, type Tensor } from '../tensor/tensor.ts';
import { mapTree, tensorsOf, unflatten } from '../tree/tree.ts';
import { closeLeaves, gradientsOfLoss, makeLeaf, settle, vjp } from './backward.ts';

/** What a loss function may return besides a plain loss. */
export interface LossAndAux<Aux> {
  readonly loss: Tensor;
  /** Any tree; passed through without gradients. */
  readonly aux: Aux;
}

/** Result of a function made by `valueAndGrad`. */
export interface ValueAndGradient<P, Aux> {
  /** The loss, f32, one element. */
  readonly value: Tensor;
  /** d loss / d params, a tree like the parameters. */
  readonly gradients: P;
  readonly aux: Aux;
}

/**
 * Turns a loss function into one that also returns the gradient with respect to its first argument.
 *
 * @param fn  From (params, …rest) to a scalar f32 tensor, or to `{ loss, aux }`. Pure and synchronous.
 * @returns A function with the same arguments. Parameters without influence (and integer ones) get zeros.
 * @throws TraceError `NOT_SCALAR` when the loss has more than one element.
 *
 * @example
 * const step = valueAndGrad(({ w }: { w: Tensor }, x: Tensor) => mean(square(matmul(x, w))));
 * const { value, gradients } = step({ w }, x); // gradients.w: like w
 */
export function valueAndGrad<P, Rest extends unknown[], Aux = undefined>(
  fn: (params: P, ...rest: Rest) => Tensor | LossAndAux<Aux>,
): (params: P, ...rest: Rest) => ValueAndGradient<P, Aux> {
  return (params, ...rest) =>
    tidyRecording(() => {
      const leaves: Tensor[] = [];
      const tracked = mapTree(params, (x) => {
        const leaf = isFloat(x.dtype) ? makeLeaf(x) : x;
        if (leaf !== x) leaves.push(leaf);
        return leaf;
      });
      try {
        const result = fn(tracked, ...rest);
        const { loss, aux } = isTensor(result) ? { loss: result, aux: undefined as Aux } : result;
        const byLeaf = gradientsOfLoss(loss, onesLike(loss), leaves);
        let next = 0;
        const gradients = unflatten(
          params,
          tensorsOf(params).map((x) => (isFloat(x.dtype) ? byLeaf[next++]! : zerosLike(x))),
        );
        closeLeaves(leaves);
        return { value: settleView(loss), gradients: mapTree(gradients, settleView), aux: mapTree(aux, settleView) };
      } finally {
        closeLeaves(leaves);
      }
    });
}

/** Results may share a tensor with the arguments or with each other; each gets its own handle, so each can be disposed alone. */
function settleView(x: Tensor): Tensor {
  return settle(x).node === undefined ? alias(x) : x;
}

/** A function with its own backward rule. */
export interface CustomGradient {
  readonly value: Tensor;
  /** Gradients of the inputs from the gradient of `value`; undefined for inputs without one. */
  readonly gradient: (dy: Tensor) => readonly (Tensor | undefined)[];
}

/**
 * Gives a function a gradient of your own.
 *
 * @param fn  Gets the inputs without history; returns the value and a rule from its gradient to those of the inputs.
 *
 * @example
 * // straight-through rounding
 * const roundStraightThrough = customGrad((x) => ({ value: round(x), gradient: (dy) => [dy] }));
 */
export function customGrad(fn: (...inputs: Tensor[]) => CustomGradient): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const { value, gradient } = fn(...inputs.map((x) => (x.node ? alias(x) : x)));
    if (inputs.every((x) => x.node === undefined)) return value;
    // A fresh tensor, since `value` may be one of the inputs or have other users.
    const output = alias(value);
    output.node = { step: { name: 'customGrad', inputs, backward: ([dy]) => (dy ? gradient(dy) : []) }, index: 0 };
    return output;
  };
}

/**
 * Trades time for memory: intermediate values of `fn` are not kept for the backward pass but computed again.
 * Pays off in compiled graphs, where memory is planned.
 *
 * @param fn  From tensors to one tensor; parameters must be arguments, not captured.
 * @see Chen et al. 2016, arXiv:1604.06174
 */
export function checkpoint(fn: (...inputs: Tensor[]) => Tensor): (...inputs: Tensor[]) => Tensor {
  return customGrad((...inputs) => ({
    value: fn(...inputs),
    // The barrier keeps the second computation apart from the first when a graph merges equal calls.
    gradient: (dy) =>
      vjp(
        (...xs) => [fn(...xs)],
        inputs.map((x) => (isFloat(x.dtype) ? barrier(x) : x)),
        [dy],
      ),
  }));
}
