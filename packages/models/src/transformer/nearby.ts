/**
 * What a hole of a map is likely to be, before anything is learned: the mean of what is there, the nearer the heavier. It is
 * a convolution normalised by what is known of it, with a kernel that reaches everywhere.
 *
 * @see Knutsson and Westin 1993, "Normalized and differential convolution"
 */
import {
  type Backend,
  concat,
  div,
  matmul,
  maximum,
  mul,
  reshape,
  split,
  sub,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';

/** Less than any weight in a window of 32×32; where nothing is known, means are 0. */
const nothing = 1e-30;

/**
 * Means of what is known around every position; in places that are known, too.
 *
 * @param vectors  f32 `[N, h, w, D]`; anything finite in holes.
 * @param holes  f32 `[N, h, w, 1]`: 1 where nothing is known.
 * @returns f32 `[N, h, w, D]`; 0 in maps without anything known.
 */
export function nearbyMean(vectors: Tensor, holes: Tensor): Tensor {
  const [count, height, width, dimension] = vectors.shape as [number, number, number, number];
  return tidy(() => {
    const known = sub(1, holes);
    const x = concat([mul(vectors, known), known], 3);
    const { backend } = vectors;
    const alongColumns = matmul(weightsOf(backend, height), reshape(x, [count, height, width * (dimension + 1)]));
    const alongRows = matmul(weightsOf(backend, width), reshape(alongColumns, [count * height, width, dimension + 1]));
    const [sums, weights] = split(reshape(alongRows, [count, height, width, dimension + 1]), [dimension, 1], 3);
    return div(sums!, maximum(weights!, nothing));
  });
}

/** Weights of all positions of an axis for each of them, which fall by e with every step, f32 `[n, n]`. */
function weightsOf(backend: Backend, n: number): Tensor {
  const values = Float32Array.from({ length: n * n }, (_, i) => Math.exp(-Math.abs(Math.floor(i / n) - (i % n))));
  return tensor(backend, values, [n, n]);
}
