/** The common form of everything that is measured over a data set, and the plain mean of per-image scores. */

/** Takes samples one by one, or from another accumulator that saw other samples, and says what they amount to. */
export interface Accumulator<Sample extends readonly unknown[], Result> {
  update(...sample: Sample): void;
  /** Takes over what `other` has seen; the order does not matter. */
  merge(other: this): void;
  compute(): Result;
}

/** Statistics of per-image scores. */
export interface ScoreSummary {
  readonly count: number;
  /** NaN when nothing was seen, infinite when a score was (PSNR of equal images). */
  readonly mean: number;
  /** Standard deviation of the population; NaN when a score was infinite. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Mean of per-image scores: how data sets are reported, PSNR included.
 *
 * @example
 * const scores = new MeanScore();
 * for (const [a, b] of pairs) scores.update(psnr(a, b));
 * scores.compute().mean;
 */
export class MeanScore implements Accumulator<readonly [score: number], ScoreSummary> {
  #count = 0;
  #total = 0;
  /** Mean as Welford updates it, for the spread. */
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #spread = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  update(score: number): void {
    this.#count++;
    this.#total += score;
    const distance = score - this.#mean;
    this.#mean += distance / this.#count;
    this.#spread += distance * (score - this.#mean);
    this.#min = Math.min(this.#min, score);
    this.#max = Math.max(this.#max, score);
  }

  merge(other: MeanScore): void {
    if (other.#count === 0) return;
    const count = this.#count + other.#count;
    const distance = other.#mean - this.#mean;
    this.#spread += other.#spread + (distance ** 2 * this.#count * other.#count) / count;
    this.#mean += (distance * other.#count) / count;
    this.#count = count;
    this.#total += other.#total;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  compute(): ScoreSummary {
    const count = this.#count;
    const mean = this.#total / count;
    return { count, mean, deviation: Math.sqrt(this.#spread / count), min: this.#min, max: this.#max };
  }
}
