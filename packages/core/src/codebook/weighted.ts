/** Losses and statistics in which vectors count more or less. Without weights they are the plain ones. */

import { div, maximum, mul, sub } from '../ops/binary.ts';
import { greater, where } from '../ops/compare.ts';
import { scatterAdd } from '../ops/gather.ts';
import { meanSquaredError } from '../ops/loss.ts';
import { type CodeStatistics, codeStatistics } from '../ops/nearest-code.ts';
import { broadcastTo, sum } from '../ops/reduce.ts';
import { expandDims, reshape } from '../ops/reshape.ts';
import { square } from '../ops/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Rows with zeros in place of those without weight, so that nothing there counts: 0 times NaN would be NaN. No gradient passes
 * to them.
 *
 * @param rows  f32 `[N, …]`.
 * @param weights  f32 `[N]`, ≥ 0, or undefined, which keeps all.
 */
export function countedValues(rows: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return rows;
  const isCounted = reshape(greater(weights, 0), [weights.size, ...rows.shape.slice(1).map(() => 1)]);
  return where(isCounted, rows, 0);
}

/**
 * Mean of a value per vector; 0 when nothing has weight.
 *
 * @param values  f32 `[N]`.
 * @param weights  f32 `[N]`, ≥ 0.
 */
export function weightedMean(values: Tensor, weights: Tensor): Tensor {
  return div(sum(mul(countedValues(values, weights), weights)), maximum(sum(weights), 1e-12));
}

/**
 * Mean over all values of the squared difference.
 *
 * @param a  f32 `[N, D]`.
 * @param b  f32 `[N, D]`.
 * @param weights  f32 `[N]`.
 */
export function weightedSquaredError(a: Tensor, b: Tensor, weights?: Tensor): Tensor {
  if (weights === undefined) return meanSquaredError(a, b);
  return div(weightedMean(sum(square(countedValues(sub(a, b), weights)), { axes: 1 }), weights), a.shape[1]!);
}

/**
 * Weight and weighted sum of the vectors of each code.
 *
 * @param vectors  f32 `[N, D]`.
 * @param indices  u32 `[N]`.
 * @param weights  f32 `[N]`.
 */
export function weightedStatistics(vectors: Tensor, indices: Tensor, codes: number, weights?: Tensor): CodeStatistics {
  if (weights === undefined) return codeStatistics(vectors, indices, codes);
  const { sums } = codeStatistics(mul(countedValues(vectors, weights), expandDims(weights, 1)), indices, codes);
  return { counts: scatterAdd(indices, weights, { size: codes }), sums };
}

/**
 * Weights of a feature map as a list.
 *
 * @param weights  f32 that broadcasts to `[N, H, W, 1]`, or undefined.
 * @param shape  `[N, H, W, …]`.
 * @returns f32 `[N·H·W]`, or undefined.
 * @throws ShapeError `SHAPE_MISMATCH`
 */
export function weightRows(weights: Tensor | undefined, shape: readonly number[]): Tensor | undefined {
  if (weights === undefined) return undefined;
  const whole = broadcastTo(weights, [...shape.slice(0, 3), 1]);
  return reshape(whole, [whole.size]);
}
