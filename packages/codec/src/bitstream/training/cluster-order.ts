/**
 * Orders the codes of a codebook as the leaves of a balanced tree, so that the first decisions about an index tell coarse
 * clusters apart and later ones close relatives.
 *
 * The codes are split across their principal axis, again and again: the tree-structured vector quantization of Buzo, Gray,
 * Gray and Markel 1980, on finished codes. Every split fills the left side with a power of two, because a tree of
 * decisions over K leaves has that shape.
 */
import { checkInteger } from '../errors.ts';
import { depthOf } from '../mixing/profile.ts';

/** What `clusterOrder` needs. */
export interface ClusterOrderOptions {
  /** Numbers per code, D. */
  readonly dimension: number;
  /** How often every code is used, `[K]`; default: equally. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Returns the leaf of every code.
 *
 * @param codebook  Codes, `[K, D]` row by row; K at most 65,536.
 * @returns uint16 `[K]`, a permutation of 0 … K − 1, for the option `orders` of `trainPrior`.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when the length is no multiple of `dimension`.
 */
export function clusterOrder(codebook: ArrayLike<number>, { dimension, weights }: ClusterOrderOptions): Uint16Array {
  checkInteger('Dimension of a code', dimension, 1, 2 ** 31);
  checkInteger('Number of codes', codebook.length / dimension, 1, 65536);
  const size = codebook.length / dimension;
  if (weights) checkInteger('Number of weights', weights.length, size, size);
  const leafOf = new Uint16Array(size);
  const weight = (code: number): number => (weights ? weights[code]! : 0) + 1;
  const split = (codes: number[], firstLeaf: number, capacity: number): void => {
    if (codes.length === 0) return;
    if (codes.length === 1) {
      leafOf[codes[0]!] = firstLeaf;
      return;
    }
    const half = capacity / 2;
    const sorted = codes.length > half ? sortAlongAxis(codes, codebook, dimension, weight) : codes;
    split(sorted.slice(0, half), firstLeaf, half);
    split(sorted.slice(half), firstLeaf + half, half);
  };
  split(
    Array.from({ length: size }, (_, i) => i),
    0,
    2 ** depthOf(size),
  );
  return leafOf;
}

/** Sorts codes by their place along the axis of largest weighted variance, found by power iteration. */
function sortAlongAxis(
  codes: readonly number[],
  codebook: ArrayLike<number>,
  dimension: number,
  weight: (code: number) => number,
): number[] {
  const mean = new Float64Array(dimension);
  let sum = 0;
  for (const code of codes) {
    sum += weight(code);
    for (let d = 0; d < dimension; d++) mean[d]! += weight(code) * codebook[code * dimension + d]!;
  }
  for (let d = 0; d < dimension; d++) mean[d]! /= sum;
  let axis = widestDimension(codes, codebook, mean);
  const place = (code: number): number => {
    let dot = 0;
    for (let d = 0; d < dimension; d++) dot += axis[d]! * (codebook[code * dimension + d]! - mean[d]!);
    return dot;
  };
  for (let round = 0; round < 50; round++) {
    const next = new Float64Array(dimension);
    for (const code of codes) {
      const pull = weight(code) * place(code);
      for (let d = 0; d < dimension; d++) next[d]! += pull * (codebook[code * dimension + d]! - mean[d]!);
    }
    const length = Math.sqrt(next.reduce((total, v) => total + v * v, 0));
    // All codes are equal: any order will do.
    if (!(length > 0)) break;
    axis = next.map((v) => v / length);
  }
  const places = new Map(codes.map((code) => [code, place(code)]));
  return [...codes].sort((a, b) => places.get(a)! - places.get(b)! || a - b);
}

/** Unit vector of the dimension in which the codes are spread most: where power iteration starts. */
function widestDimension(codes: readonly number[], codebook: ArrayLike<number>, mean: Float64Array): Float64Array {
  const spread = mean.map((center, d) =>
    codes.reduce((sum, code) => sum + (codebook[code * mean.length + d]! - center) ** 2, 0),
  );
  const axis = new Float64Array(mean.length);
  axis[spread.indexOf(Math.max(...spread))] = 1;
  return axis;
}
