/** How rates of runs go. */
import { cosineSchedule } from '@vqkit/core';

/** What options say of it. */
export interface RateOptions {
  /** Peak learning rate. */
  readonly rate: number;
  readonly steps: number;
  /** Share of the steps in which it falls. */
  readonly decay: number;
}

/** Rises over `warmup` steps, stays, and falls to a fiftieth in the last steps. */
export function runSchedule(
  { rate, steps, decay }: RateOptions,
  warmup = Math.min(200, steps / 10),
): (step: number) => number {
  return cosineSchedule({ peak: rate, steps, end: rate / 50, warmup, decay: decay * steps });
}
