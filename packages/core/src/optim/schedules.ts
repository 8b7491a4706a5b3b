/** Learning-rate schedules: plain functions from the step (from 0) to a rate. */

/** A learning rate as a function of the step. */
export type Schedule = (step: number) => number;

/** What a cosine schedule needs. */
export interface CosineOptions {
  /** Rate after the warm-up. */
  readonly peak: number;
  /** Steps from start to end. */
  readonly steps: number;
  /** Rate at the end. Default 0. */
  readonly end?: number;
  /** Steps of linear growth from 0 at the start. Default 0. */
  readonly warmup?: number;
  /** Steps of the fall at the end; before it the rate stays at its peak, so that a run can be prolonged. Default: all after the warm-up. */
  readonly decay?: number;
}

/**
 * Linear warm-up, a plateau where `decay` leaves room for one, then half a cosine down.
 *
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983; Hu et al. 2024, arXiv:2404.06395, for the plateau
 */
export function cosineSchedule({ peak, steps, end = 0, warmup = 0, decay = steps }: CosineOptions): Schedule {
  const top = Math.max(steps - decay, warmup);
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min(Math.max((step - top) / Math.max(steps - top, 1), 0), 1);
    return end + 0.5 * (peak - end) * (1 + Math.cos(Math.PI * progress));
  };
}

/** The same rate at every step. */
export function constantSchedule(rate: number): Schedule {
  return () => rate;
}
