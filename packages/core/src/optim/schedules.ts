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
}

/** Linear warm-up, then half a cosine down. @see Loshchilov & Hutter 2017, arXiv:1608.03983 */
export function cosineSchedule({ peak, steps, end = 0, warmup = 0 }: CosineOptions): Schedule {
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min((step - warmup) / Math.max(steps - warmup, 1), 1);
    return end + 0.5 * (peak - end) * (1 + Math.cos(Math.PI * progress));
  };
}

/** The same rate at every step. */
export function constantSchedule(rate: number): Schedule {
  return () => rate;
}
