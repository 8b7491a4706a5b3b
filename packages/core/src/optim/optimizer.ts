/** What an optimizer is, and how two of them share a tree. */
import { tidy } from '../tensor/scope.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { entriesOf, tensorsOf, unflatten } from '../tree/tree.ts';

/** An optimizer: how to start, and one step. */
export interface Optimizer<P, S> {
  /** State for these parameters. */
  init(params: P): S;
  /**
   * One step.
   *
   * @param rate  Learning rate: a number, or an f32 scalar tensor (compiled steps pass it as an input).
   */
  update(params: P, gradients: P, state: S, rate: number | Tensor): { params: P; state: S };
}

/** What `partition` remembers: the state of each optimizer, undefined where it has no tensor. */
export interface PartitionState<A, B> {
  readonly first: A | undefined;
  readonly second: B | undefined;
}

/**
 * Gives some tensors of a tree to one optimizer and the rest to another, both at the same rate.
 *
 * @param belongsToFirst  From a tensor and its dotted path; must depend on shape and path alone.
 *
 * @example
 * const optimizer = partition((x) => x.rank > 1, muon(), adam()); // filters and matrices; biases and scales
 */
export function partition<P, A, B>(
  belongsToFirst: (leaf: Tensor, path: string) => boolean,
  first: Optimizer<readonly Tensor[], A>,
  second: Optimizer<readonly Tensor[], B>,
): Optimizer<P, PartitionState<A, B>> {
  /** For each tensor, in order: which optimizer has it. */
  const choose = (params: P): boolean[] =>
    entriesOf(params).flatMap(([path, leaf]) => (isTensor(leaf) ? [belongsToFirst(leaf, path)] : []));
  const pick = (tree: P, chosen: readonly boolean[], wanted: boolean): Tensor[] =>
    tensorsOf(tree).filter((_, i) => chosen[i] === wanted);
  return {
    init: (params) => {
      const chosen = choose(params);
      const start = <S>(optimizer: Optimizer<readonly Tensor[], S>, own: readonly Tensor[]): S | undefined =>
        own.length === 0 ? undefined : optimizer.init(own);
      return { first: start(first, pick(params, chosen, true)), second: start(second, pick(params, chosen, false)) };
    },
    update: (params, gradients, state, rate) =>
      tidy(() => {
        const chosen = choose(params);
        const advance = <S>(optimizer: Optimizer<readonly Tensor[], S>, own: S | undefined, wanted: boolean) =>
          own === undefined
            ? { params: [] as readonly Tensor[], state: own }
            : optimizer.update(pick(params, chosen, wanted), pick(gradients, chosen, wanted), own, rate);
        const [a, b] = [advance(first, state.first, true), advance(second, state.second, false)];
        const queues = [a.params[Symbol.iterator](), b.params[Symbol.iterator]()] as const;
        const leaves = chosen.map((isFirst) => queues[isFirst ? 0 : 1].next().value as Tensor);
        return { params: unflatten(params, leaves), state: { first: a.state, second: b.state } };
      }),
  };
}
