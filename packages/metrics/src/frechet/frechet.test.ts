/** Fréchet and kernel distances: golden tiny sets, identities, closed forms, and what they refuse. */
import { atOnce, random } from '@vqkit/core';
import { EVD, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { pivotedCholesky } from '../linalg/pivoted-cholesky.ts';
import { addGram, addProduct, symmetrize } from '../linalg/products.ts';
import { symmetricEigenvalues } from '../linalg/symmetric-eigenvalues.ts';
import { type FeatureMoments, FeatureStatistics } from './feature-statistics.ts';
import { frechetDistance, traceOfRoot } from './frechet-distance.ts';
import { kernelDistance } from './kernel-distance.ts';

const tinyX = Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1);
const tinyY = Float64Array.of(1, 1, 2, 1, 1, 2, 3, 2);
const noise = (count: number, seed: number): Float64Array => Float64Array.from(random(seed).normalArray(count));
const rootOf = (a: Float64Array, b: Float64Array, size: number): number => atOnce(traceOfRoot(a, b, size));
const momentsOf = (features: Float64Array, dimension: number): FeatureMoments => {
  const statistics = new FeatureStatistics(dimension);
  statistics.update(features);
  return statistics.compute();
};

describe('linear algebra', () => {
  it('finds the trace of a root from known eigenvalues, some of them zero', () => {
    // H·D·H with the Householder reflection H = I − 2vvᵀ
    const size = 40;
    const v = noise(size, 1);
    const length = Math.hypot(...v);
    const known = Float64Array.from({ length: size }, (_, i) => (i < 5 ? 0 : i ** 2 / 100));
    const h = (i: number, j: number): number => (i === j ? 1 : 0) - (2 * v[i]! * v[j]!) / length ** 2;
    const matrix = Float64Array.from({ length: size * size }, (_, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return known.reduce((sum, value, k) => sum + h(i, k) * value * h(k, j), 0);
    });
    const identity = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
    expect(rootOf(matrix, identity, size)).toBeCloseTo(
      known.map(Math.sqrt).reduce((a, b) => a + b),
      10,
    );
    expect(rootOf(matrix, matrix, size)).toBeCloseTo(
      known.reduce((a, b) => a + b),
      10,
    );
  });

  it('finds eigenvalues as ml-matrix does, of full matrices, of those that fall apart, and of tiny ones', () => {
    for (const [size, isWhole] of [
      [1, true],
      [2, true],
      [3, false],
      [57, true],
      [64, false],
    ] as const) {
      const values = noise(size * size, size);
      const matrix = values.map((_, at) => {
        const [i, j] = [Math.floor(at / size), at % size];
        return isWhole || i % 4 === j % 4 ? values[Math.max(i, j) * size + Math.min(i, j)]! : 0;
      });
      const { realEigenvalues } = new EVD(Matrix.from1DArray(size, size, matrix), { assumeSymmetric: true });
      const found = atOnce(symmetricEigenvalues(matrix, size)).sort();
      realEigenvalues.sort((a, b) => a - b).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 10));
    }
    expect(atOnce(symmetricEigenvalues(new Float64Array(0), 0))).toHaveLength(0);
    expect(atOnce(symmetricEigenvalues(new Float64Array(4).fill(Number.NaN), 2)).every(Number.isNaN)).toBe(true);
  });

  it('takes matrices of one element, of zeros, and diagonal ones', () => {
    expect(rootOf(Float64Array.of(4), Float64Array.of(9), 1)).toBeCloseTo(6, 12);
    expect(rootOf(new Float64Array(9), new Float64Array(9), 3)).toBe(0);
    const diagonal = Float64Array.of(1, 0, 0, 0, 4, 0, 0, 0, 9);
    expect(rootOf(diagonal, diagonal, 3)).toBeCloseTo(14, 12);
  });

  it('factors a matrix of low rank into as many rows', () => {
    const [size, depth] = [9, 4];
    const gram = new Float64Array(size * size);
    atOnce(addGram(gram, noise(size * depth, 2), size, depth));
    symmetrize(gram, size);
    const { rank, rows } = atOnce(pivotedCholesky(gram, size));
    expect(rank).toBe(depth);
    const columns = Float64Array.from(
      { length: size * rank },
      (_, at) => rows[(at % rank) * size + Math.floor(at / rank)]!,
    );
    const restored = new Float64Array(size * size);
    atOnce(addProduct(restored, columns, columns, size, size, rank));
    restored.forEach((value, i) => expect(value).toBeCloseTo(gram[i]!, 12));
    expect(atOnce(pivotedCholesky(new Float64Array(16), 4)).rank).toBe(0);
  });
});

describe('frechetDistance', () => {
  it('gives the golden value of two tiny sets', () => {
    const [x, y] = [momentsOf(tinyX, 2), momentsOf(tinyY, 2)];
    [1 / 3, 0, 0, 1 / 3].forEach((value, i) => expect(x.covariance[i]).toBeCloseTo(value, 12));
    [11 / 12, 1 / 6, 1 / 6, 1 / 3].forEach((value, i) => expect(y.covariance[i]).toBeCloseTo(value, 12));
    expect(frechetDistance(x, y)).toBeCloseTo(2.7264192791, 10);
    expect(frechetDistance(y, x)).toBeCloseTo(2.7264192791, 10);
  });

  it.each([
    [30, 500],
    [64, 20], // fewer samples than dimensions
  ])('of a set to itself is 0, and to a shifted, scaled one is the closed form (%i dimensions, %i samples)', (d, n) => {
    const x = noise(d * n, 3);
    const moments = momentsOf(x, d);
    // 1e-6 of the traces: square roots of eigenvalues that rounding moved
    expect(Math.abs(frechetDistance(moments, moments))).toBeLessThan(1e-6 * d);
    const trace = moments.mean.reduce((sum, _, i) => sum + moments.covariance[i * d + i]!, 0);
    const moved = momentsOf(
      x.map((value) => 3 * value + 2),
      d,
    );
    const means = moments.mean.reduce((sum, value) => sum + (2 * value + 2) ** 2, 0);
    expect(frechetDistance(moments, moved) / (means + 4 * trace)).toBeCloseTo(1, 7);
  });

  it('equals the nuclear norm of the centred features when samples are few', () => {
    // Two samples each: covariances of rank one, so the trace of the root is |u·v| with S = uuᵀ, T = vvᵀ.
    const [x, y] = [noise(2 * 50, 4), noise(2 * 50, 5)];
    const direction = (f: Float64Array): number[] =>
      Array.from({ length: 50 }, (_, k) => (f[k]! - f[50 + k]!) / Math.SQRT2);
    const [u, v] = [direction(x), direction(y)];
    const expected = Math.abs(u.reduce((sum, value, k) => sum + value * v[k]!, 0));
    expect(rootOf(momentsOf(x, 50).covariance, momentsOf(y, 50).covariance, 50)).toBeCloseTo(expected, 8);
  });
});

describe('FeatureStatistics', () => {
  it('gives the same moments in one batch, in many, and merged', () => {
    const [d, n] = [7, 60];
    const x = noise(d * n, 6);
    const whole = momentsOf(x, d);
    const parts = [new FeatureStatistics(d), new FeatureStatistics(d), new FeatureStatistics(d)];
    for (let i = 0; i < n; i += 5) parts[i % 2]!.update(x.subarray(i * d, (i + 5) * d));
    const merged = new FeatureStatistics(d);
    for (const part of parts) merged.merge(part);
    const result = merged.compute();
    expect(result.count).toBe(n);
    whole.mean.forEach((value, i) => expect(result.mean[i]).toBeCloseTo(value, 13));
    whole.covariance.forEach((value, i) => expect(result.covariance[i]).toBeCloseTo(value, 12));
  });

  it('refuses one image, other widths and NaN', () => {
    const statistics = new FeatureStatistics(2);
    statistics.update(Float64Array.of(1, 2));
    expect(() => statistics.compute()).toThrow(/at least 2 samples, got 1/);
    expect(() => statistics.update(Float64Array.of(1, 2, 3))).toThrow(/rows of 2 features/);
    expect(() => statistics.update(Float64Array.of(1, Number.NaN))).toThrow(/finite values/);
    expect(() => statistics.merge(new FeatureStatistics(3))).toThrow(/expected 2 features, got 3/);
    expect(() => frechetDistance(momentsOf(tinyX, 2), momentsOf(tinyX, 4))).toThrow(/one dimension, got 2 and 4/);
  });
});

describe('kernelDistance', () => {
  it('gives the golden value of two tiny sets', () => {
    const { mean, deviation } = kernelDistance(tinyX, tinyY, 2);
    expect(mean).toBeCloseTo(37.2604166667, 9);
    expect(deviation).toBe(0);
  });

  it('is near zero for samples of one distribution and grows with the distance; equal for equal seeds', () => {
    const [a, b] = [noise(16 * 300, 7), noise(16 * 280, 8)];
    const options = { subsets: 20, subsetSize: 100 };
    const near = kernelDistance(a, b, 16, options);
    const far = kernelDistance(
      a,
      b.map((value) => value + 1),
      16,
      options,
    );
    expect(Math.abs(near.mean)).toBeLessThan(3 * near.deviation + 0.01);
    expect(far.mean).toBeGreaterThan(1);
    expect(kernelDistance(a, b, 16, options)).toEqual(near);
    expect(kernelDistance(a, b, 16, { ...options, seed: 1 }).mean).not.toBe(near.mean);
  });

  it('refuses single samples and odd widths', () => {
    expect(() => kernelDistance(tinyX.subarray(0, 2), tinyY, 2)).toThrow(/at least 2 samples/);
    expect(() => kernelDistance(tinyX, tinyY, 3)).toThrow(/rows of 3 features/);
  });
});
