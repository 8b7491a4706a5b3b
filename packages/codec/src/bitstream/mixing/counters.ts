/**
 * Adaptive probabilities: one for every situation a decision is met in.
 *
 * A counter is a 16-bit probability and the number of times it was used. The more often, the smaller its steps, down to a
 * limit: at first it averages what it sees, later it follows slow changes.
 */

/** Counts are grouped into this many classes, which pick the weight of the counter's vote. */
export const countClasses = 8;

/** Smallest count of each class. */
const classStarts: readonly number[] = [0, 1, 2, 3, 5, 9, 20, 60];

/** A table of counters that share a limit. */
export interface Counters {
  /** Probability of a 1, in 1/65536. */
  readonly probabilities: Uint16Array;
  /** Times used, up to the limit. */
  readonly counts: Uint8Array;
}

/** Returns `size` counters that know nothing. */
export function createCounters(size: number): Counters {
  return { probabilities: new Uint16Array(size).fill(32768), counts: new Uint8Array(size) };
}

/** Returns the step size after n uses, `floor(65536 / (2n + 3))`, in 1/32768, for n under `size`. */
export function createStepSizes(size = 256): Int32Array {
  return Int32Array.from({ length: size }, (_, n) => Math.floor(65536 / (2 * n + 3)));
}

/** Returns the class of every count up to 255. */
export function createCountClasses(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, n) => classStarts.filter((start) => start <= n).length - 1);
}
