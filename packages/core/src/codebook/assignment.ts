/** Assignment: which code a vector gets, by distance or by angle. */
import { add, div } from '../ops/binary/binary.ts';
import { nearestCode } from '../ops/quantize/nearest-code.ts';
import { sum } from '../ops/reduce/reduce.ts';
import { sqrt, square } from '../ops/unary/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** `l2`: the nearest code. `cosine`: the code at the smallest angle; lengths play no role in the choice. */
export type Metric = 'l2' | 'cosine';

/**
 * Vectors scaled to length 1; zero vectors stay zero.
 *
 * @param x  f32 `[…, D]`.
 */
export function unitVectors(x: Tensor): Tensor {
  // 1e-24: squares of values below 1e-12 vanish beside those of any feature, and the root stays differentiable.
  return div(x, sqrt(add(sum(square(x), { axes: -1, keepDims: true }), 1e-24)));
}

/** Vectors as a metric compares them: unit vectors for `cosine`, for which the nearest is the one at the smallest angle. */
export function comparable(x: Tensor, metric: Metric): Tensor {
  return metric === 'cosine' ? unitVectors(x) : x;
}

/**
 * Index of each vector's code; memory does not grow with N·K.
 *
 * @param vectors  f32 `[…, D]`.
 * @param codebook  f32 `[K, D]`.
 * @returns u32 `[…]`, each in `[0, K)`; the lowest index on ties.
 */
export function assign(vectors: Tensor, codebook: Tensor, metric: Metric): Tensor {
  return nearestCode(comparable(vectors, metric), comparable(codebook, metric)).indices;
}
