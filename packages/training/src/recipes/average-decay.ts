/** How fast averages of weights follow: quickly at first, so that the random start is forgotten. */
import { add, div, minimum, type Tensor } from '@vqkit/core';

/** Averages reach back about this share of a long run's last steps: 1 / (1 − 0.999) = 1000. */
const longest = 0.999;

/**
 * min(0.999, (1 + t) / (10 + t)) after t steps.
 *
 * @param step  Steps done, f32 scalar.
 * @returns f32 scalar for `emaUpdate`.
 * @see the ramp of `tf.train.ExponentialMovingAverage` (num_updates)
 */
export function averageDecay(step: Tensor): Tensor {
  return minimum(div(add(step, 1), add(step, 10)), longest);
}
