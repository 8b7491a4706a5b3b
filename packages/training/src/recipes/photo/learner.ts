/** How all photo recipes learn: clipped gradients, Adam (or Muon for filters), and an average of the weights. */
import {
  adam,
  add,
  clipByGlobalNorm,
  clone,
  div,
  emaUpdate,
  mapTree,
  minimum,
  muon,
  type Optimizer,
  partition,
  scalar,
  type Tensor,
  tensorsOf,
} from '@vqkit/core';

/** Names of optimizers. */
export type OptimizerName = 'adam' | 'muon';

/** What learning adds to the parameters: a tree. */
export interface Learned<P> {
  /** What is published: the average of the parameters over the last steps. */
  readonly average: P;
  /** What the optimizer remembers. */
  readonly optimizer: unknown;
  /** Steps done, f32 scalar. */
  readonly steps: Tensor;
}

/** Learns a tree of parameters. */
export interface Learner<P> {
  init(params: P): Learned<P>;
  /** @returns What is new, and the length of the gradients before they were clipped to 1. */
  update(
    params: P,
    gradients: P,
    learned: Learned<P>,
    rate: Tensor,
  ): { readonly params: P; readonly learned: Learned<P>; readonly norm: Tensor };
}

/** Averages reach back about this share of a long run's last steps: 1 / (1 − 0.999) = 1000. */
const longest = 0.999;

/**
 * Makes a learner. Muon takes filters and matrices of networks; biases, scales and the branch of tables stay with Adam.
 *
 * @param tables  Paths of parameters that are looked up: what a `quantizer` has, or embeddings.
 */
export function learner<P>(name: OptimizerName = 'adam', tables = /^quantizer/): Learner<P> {
  const isMuons = (x: Tensor, path: string): boolean => x.rank > 1 && !tables.test(path);
  const optimizer = (
    name === 'adam' ? adam<P>({ beta2: 0.99 }) : partition(isMuons, muon(), adam({ beta2: 0.99 }))
  ) as Optimizer<P, unknown>;
  return {
    init: (params) => ({
      average: mapTree(params, clone),
      optimizer: optimizer.init(params),
      steps: scalar(tensorsOf(params)[0]!.backend, 0),
    }),
    update: (params, gradients, { average, optimizer: state, steps }, rate) => {
      const clipped = clipByGlobalNorm(gradients, 1);
      const updated = optimizer.update(params, clipped.gradients, state, rate);
      const done = add(steps, 1);
      return {
        params: updated.params,
        learned: {
          average: emaUpdate(average, updated.params, averageDecay(done)),
          optimizer: updated.state,
          steps: done,
        },
        norm: clipped.norm,
      };
    },
  };
}

/**
 * min(0.999, (1 + t) / (10 + t)) after t steps: quickly at first, so that the random start is forgotten.
 *
 * @see the ramp of `tf.train.ExponentialMovingAverage` (num_updates)
 */
function averageDecay(step: Tensor): Tensor {
  return minimum(div(add(step, 1), add(step, 10)), longest);
}
