/**
 * How well a codebook is used: counts of codes over a data set, and what they say.
 * For several codebooks per position keep one counter for each, and one more that sees all their indices (pooled).
 * On tensors, inside of a training step, `@vqkit/core/codebook` computes the same.
 */
import type { Accumulator } from '../accumulate/accumulator.ts';
import { InputError } from '../errors.ts';

/** What counts of codes amount to. */
export interface CodeUsage {
  /** Codes counted. */
  readonly total: number;
  /** Codes that occur. */
  readonly used: number;
  /** Share of the codebook that occurs, 0 … 1. */
  readonly usage: number;
  /**
   * 2 to the entropy, 1 … K. NaN when nothing was counted. CVQ-VAE (arXiv:2307.15139) and others add 10⁻¹⁰ inside of the
   * logarithm, which lowers it by less than one part in 10⁷ up to 1024 codes.
   */
  readonly perplexity: number;
  /** −Σ p·log2 p, bits per code. */
  readonly entropyBits: number;
}

/** Usage, perplexity and entropy of counts, one per code. */
export function usageOfCounts(counts: ArrayLike<number>): CodeUsage {
  let [total, used] = [0, 0];
  for (let k = 0; k < counts.length; k++) {
    total += counts[k]!;
    if (counts[k]! > 0) used++;
  }
  let entropyBits = total > 0 ? 0 : Number.NaN;
  for (let k = 0; k < counts.length; k++) {
    const p = counts[k]! / total;
    if (p > 0) entropyBits -= p * Math.log2(p);
  }
  return { total, used, usage: used / counts.length, perplexity: 2 ** entropyBits, entropyBits };
}

/**
 * Counts codes over a data set.
 *
 * @example
 * const counter = new CodeCounter(1024);
 * counter.update(await indices.data()); // any number of indices
 * const { usage, perplexity } = counter.compute();
 */
export class CodeCounter implements Accumulator<readonly [indices: ArrayLike<number>], CodeUsage> {
  /** How often each code occurred. */
  readonly counts: Float64Array;

  /** @throws InputError `VALUE_OUT_OF_RANGE` when the size is no positive whole number. */
  constructor(codebookSize: number) {
    if (!Number.isInteger(codebookSize) || codebookSize < 1)
      throw outOfRange(`expected a codebook size ≥ 1, got ${codebookSize}`);
    this.counts = new Float64Array(codebookSize);
  }

  /** @throws InputError `VALUE_OUT_OF_RANGE` for an index outside the codebook; nothing is counted then. */
  update(indices: ArrayLike<number>): void {
    const size = this.counts.length;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      if (!(Number.isInteger(index) && index >= 0 && index < size)) {
        throw outOfRange(`expected indices in [0, ${size}), got ${index} at ${i}`);
      }
    }
    for (let i = 0; i < indices.length; i++) this.counts[indices[i]!]!++;
  }

  /** @throws InputError `VALUE_OUT_OF_RANGE` when the codebooks have different sizes. */
  merge(other: CodeCounter): void {
    if (other.counts.length !== this.counts.length) {
      throw outOfRange(`expected a counter of ${this.counts.length} codes, got one of ${other.counts.length}`);
    }
    for (let k = 0; k < this.counts.length; k++) this.counts[k]! += other.counts[k]!;
  }

  compute(): CodeUsage {
    return usageOfCounts(this.counts);
  }
}

function outOfRange(message: string): InputError {
  return new InputError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `CodeCounter: ${message}`,
    fix: 'Make the counter as large as the codebook that the indices are from',
  });
}
