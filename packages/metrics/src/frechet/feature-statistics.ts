/** Mean and covariance of features, accumulated in float64 over batches and machines. */
import { atOnce } from '@vqkit/core';
import type { Accumulator } from '../accumulate/accumulator.ts';
import { InputError } from '../errors.ts';
import { checkFinite } from '../image/image.ts';
import { addGram, symmetrize } from '../linalg/products.ts';

/** A Gaussian fitted to features. */
export interface FeatureMoments {
  /** Samples seen. */
  readonly count: number;
  readonly dimension: number;
  /** `[dimension]`. */
  readonly mean: Float64Array;
  /** `[dimension, dimension]`, with count − 1 in the denominator. */
  readonly covariance: Float64Array;
}

/**
 * Accumulates features.
 *
 * @example
 * const statistics = new FeatureStatistics(2048);
 * for (const batch of batches) statistics.update(await extractor.extract(batch));
 * frechetDistance(statistics.compute(), reference);
 *
 * @see Chan, Golub, LeVeque 1979 for combining means and scatter matrices
 */
export class FeatureStatistics
  implements Accumulator<readonly [features: Float32Array | Float64Array], FeatureMoments>
{
  readonly dimension: number;
  #count = 0;
  readonly #mean: Float64Array;
  /** Lower triangle of Σ (x − mean)(x − mean)ᵀ. */
  readonly #scatter: Float64Array;

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#mean = new Float64Array(dimension);
    this.#scatter = new Float64Array(dimension * dimension);
  }

  /** Samples seen. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param features  `[samples, dimension]`, row-major.
   * @throws InputError `SIZE_MISMATCH`, `NOT_FINITE`
   */
  update(features: Float32Array | Float64Array): void {
    const { dimension } = this;
    const count = features.length / dimension;
    if (!Number.isInteger(count)) {
      throw new InputError({
        code: 'SIZE_MISMATCH',
        message: `FeatureStatistics: expected rows of ${dimension} features, got ${features.length} values`,
        fix: 'Make the statistics as wide as the features',
      });
    }
    if (count === 0) return;
    checkFinite('FeatureStatistics', features);
    const mean = new Float64Array(dimension);
    for (let i = 0; i < features.length; i++) mean[i % dimension]! += features[i]! / count;
    // Transposed, so that the products run along memory.
    const centred = new Float64Array(features.length);
    for (let n = 0; n < count; n++) {
      for (let k = 0; k < dimension; k++) centred[k * count + n] = features[n * dimension + k]! - mean[k]!;
    }
    atOnce(addGram(this.#scatter, centred, dimension, count));
    this.#shift(mean, count);
  }

  /** @throws InputError `SIZE_MISMATCH` when the dimensions differ. */
  merge(other: FeatureStatistics): void {
    if (other.dimension !== this.dimension) {
      throw new InputError({
        code: 'SIZE_MISMATCH',
        message: `FeatureStatistics: expected ${this.dimension} features, got ${other.dimension}`,
        fix: 'Merge statistics of one network',
      });
    }
    for (let i = 0; i < this.#scatter.length; i++) this.#scatter[i]! += other.#scatter[i]!;
    this.#shift(other.#mean, other.#count);
  }

  /** @throws InputError `TOO_FEW_SAMPLES` for fewer than two samples. */
  compute(): FeatureMoments {
    const { dimension } = this;
    if (this.#count < 2) {
      throw new InputError({
        code: 'TOO_FEW_SAMPLES',
        message: `FeatureStatistics: expected at least 2 samples, got ${this.#count}`,
        fix: 'A covariance needs several images; published values use 10,000 or more',
      });
    }
    const covariance = this.#scatter.map((value) => value / (this.#count - 1));
    symmetrize(covariance, dimension);
    return { count: this.#count, dimension, mean: this.#mean.slice(), covariance };
  }

  /** Adds `count` samples around another mean, whose own scatter is already added. */
  #shift(mean: Float64Array, count: number): void {
    const total = this.#count + count;
    if (total === 0) return;
    const weight = (this.#count * count) / total;
    const { dimension } = this;
    const distance = mean.map((value, i) => value - this.#mean[i]!);
    if (weight > 0) {
      for (let i = 0; i < dimension; i++) {
        const scaled = weight * distance[i]!;
        for (let j = 0; j <= i; j++) this.#scatter[i * dimension + j]! += scaled * distance[j]!;
      }
    }
    for (let i = 0; i < dimension; i++) this.#mean[i]! += (distance[i]! * count) / total;
    this.#count = total;
  }
}
