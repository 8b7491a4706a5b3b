/**
 * Kernel distance: the unbiased squared maximum mean discrepancy with the kernel (x·y/d + 1)³, averaged over random
 * subsets. With Inception features this is KID. It may be negative and is usually printed times 1000.
 *
 * @see Bińkowski et al. 2018, arXiv:1801.01401; protocol of torch-fidelity and torchmetrics
 */
import { atOnce, random, type Steps } from '@vqkit/core';
import { InputError } from '../errors.ts';
import { addGram, addProduct, type Matrix, symmetrize } from '../linalg/products.ts';

/** Which subsets. */
export interface KernelDistanceOptions {
  /** How many. Default 100. */
  readonly subsets?: number;
  /** Samples of each, drawn without replacement; at most as many as there are. Default 1000. */
  readonly subsetSize?: number;
  /** Of the draws. Default 0. */
  readonly seed?: number;
}

/** Over the subsets. */
export interface KernelDistance {
  readonly mean: number;
  /** Standard deviation of the population of subsets; 0 when a subset is everything. */
  readonly deviation: number;
}

/** Gram matrices of everything are kept up to this many values (512 MiB), which spares computing products again and again. */
const maxKept = 2 ** 26;

/**
 * Kernel distance of two sets of features.
 *
 * @param a  `[samples, dimension]`, row-major; at least two samples each.
 * @throws InputError `SIZE_MISMATCH`, `TOO_FEW_SAMPLES`
 */
export function kernelDistance(
  a: Matrix,
  b: Matrix,
  dimension: number,
  options: KernelDistanceOptions = {},
): KernelDistance {
  return atOnce(kernelSteps(a, b, dimension, options));
}

/** @internal The same in steps. */
export function* kernelSteps(
  a: Matrix,
  b: Matrix,
  dimension: number,
  { subsets = 100, subsetSize = 1000, seed = 0 }: KernelDistanceOptions,
): Steps<KernelDistance> {
  const [countA, countB] = [a.length / dimension, b.length / dimension];
  check(countA, countB, dimension, subsetSize);
  const size = Math.min(subsetSize, countA, countB);
  const isEverything = size === countA && size === countB;
  const stream = random(seed);
  const draw = (count: number): Uint32Array => stream.permutation(count).subarray(0, size) as Uint32Array;
  const keepsAll = (countA + countB) ** 2 - countA * countB <= maxKept;
  const kernels = keepsAll ? yield* kernelsOf(a, b, countA, countB, dimension) : undefined;
  const all = Uint32Array.from({ length: size }, (_, i) => i);
  const values: number[] = [];
  for (let i = 0; i < (isEverything ? 1 : subsets); i++) {
    const [rowsA, rowsB] = [draw(countA), draw(countB)];
    if (kernels) values.push(yield* discrepancy(kernels, rowsA, rowsB));
    else {
      const [partA, partB] = [pickRows(a, rowsA, dimension), pickRows(b, rowsB, dimension)];
      values.push(yield* discrepancy(yield* kernelsOf(partA, partB, size, size, dimension), all, all));
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(spread) };
}

interface Kernels {
  readonly withinA: Float64Array;
  readonly withinB: Float64Array;
  readonly between: Float64Array;
  readonly countA: number;
  readonly countB: number;
}

function* kernelsOf(a: Matrix, b: Matrix, countA: number, countB: number, dimension: number): Steps<Kernels> {
  const [withinA, withinB] = [new Float64Array(countA * countA), new Float64Array(countB * countB)];
  const between = new Float64Array(countA * countB);
  yield* addGram(withinA, a, countA, dimension);
  yield* addGram(withinB, b, countB, dimension);
  yield* addProduct(between, a, b, countA, countB, dimension);
  symmetrize(withinA, countA);
  symmetrize(withinB, countB);
  for (const products of [withinA, withinB, between]) {
    for (let from = 0; from < products.length; from += valuesPerStep) {
      cube(products.subarray(from, from + valuesPerStep), dimension);
      yield;
    }
  }
  return { withinA, withinB, between, countA, countB };
}

const valuesPerStep = 2 ** 20;

/** (x/d + 1)³ of products, in place. */
function cube(products: Float64Array, dimension: number): void {
  for (let i = 0; i < products.length; i++) products[i] = (products[i]! / dimension + 1) ** 3;
}

/** [Σ off-diagonal within a + Σ off-diagonal within b]/(m(m − 1)) − 2·mean between. */
function* discrepancy(
  { withinA, withinB, between, countA, countB }: Kernels,
  rowsA: Uint32Array,
  rowsB: Uint32Array,
): Steps<number> {
  const size = rowsA.length;
  let [within, across] = [0, 0];
  for (let i = 0; i < size; i++) {
    const [ofA, ofB, toB] = [rowsA[i]! * countA, rowsB[i]! * countB, rowsA[i]! * countB];
    for (let j = 0; j < size; j++) {
      across += between[toB + rowsB[j]!]!;
      if (i !== j) within += withinA[ofA + rowsA[j]!]! + withinB[ofB + rowsB[j]!]!;
    }
    yield;
  }
  return within / (size * (size - 1)) - (2 * across) / (size * size);
}

function pickRows(features: Matrix, rows: Uint32Array, dimension: number): Float64Array {
  const picked = new Float64Array(rows.length * dimension);
  rows.forEach((row, i) => picked.set(features.subarray(row * dimension, (row + 1) * dimension), i * dimension));
  return picked;
}

function check(countA: number, countB: number, dimension: number, subsetSize: number): void {
  if (!Number.isInteger(countA) || !Number.isInteger(countB)) {
    throw new InputError({
      code: 'SIZE_MISMATCH',
      message: `kernelDistance: expected rows of ${dimension} features, got ${countA * dimension} and ${countB * dimension} values`,
      fix: 'Pass the dimension of the features',
    });
  }
  if (Math.min(countA, countB, subsetSize) >= 2) return;
  throw new InputError({
    code: 'TOO_FEW_SAMPLES',
    message: `kernelDistance: expected at least 2 samples in each set and subset, got ${countA}, ${countB} and ${subsetSize}`,
    fix: 'Published values use subsets of 1000',
  });
}
