/**
 * Precision and recall of generated images: which share of them lies where real ones do, and the other way round. Where a
 * set lies is the union of balls around its samples, each as large as the distance to the k-th nearest other one.
 *
 * @see Kynkäänniemi et al. 2019, arXiv:1904.06991
 */
import { atOnce, inTurns, type Steps } from '@vqkit/core';
import { InputError } from '../errors.ts';
import { addProduct, type Matrix } from '../linalg/products.ts';

/** Both, in [0, 1]. */
export interface PrecisionRecall {
  /** Share of the generated samples that lie among the real ones: how good they are. */
  readonly precision: number;
  /** Share of the real samples that lie among the generated ones: how much is covered. */
  readonly recall: number;
}

/** How samples are compared. */
export interface PrecisionRecallOptions {
  /** k ≥ 1. Default 3, as in the paper. */
  readonly neighbours?: number;
}

/** Rows that are compared with all others at a time. */
const block = 256;

/**
 * Precision and recall of two sets of features, of equally many samples for values that compare.
 *
 * @param real  `[samples, dimension]`, row-major.
 * @throws InputError `SIZE_MISMATCH`; `TOO_FEW_SAMPLES` for k samples or fewer in a set.
 */
export function precisionRecall(
  real: Matrix,
  generated: Matrix,
  dimension: number,
  options: PrecisionRecallOptions = {},
): PrecisionRecall {
  return atOnce(precisionRecallSteps(real, generated, dimension, options));
}

/**
 * The same for large sets: others have their turn in between, and the work can be stopped.
 *
 * @throws InputError as `precisionRecall`; the signal's reason when aborted.
 */
export async function measurePrecisionRecall(
  real: Matrix,
  generated: Matrix,
  dimension: number,
  { signal, ...options }: PrecisionRecallOptions & { readonly signal?: AbortSignal } = {},
): Promise<PrecisionRecall> {
  signal?.throwIfAborted();
  return inTurns(precisionRecallSteps(real, generated, dimension, options), signal);
}

function* precisionRecallSteps(
  real: Matrix,
  generated: Matrix,
  dimension: number,
  { neighbours = 3 }: PrecisionRecallOptions,
): Steps<PrecisionRecall> {
  for (const set of [real, generated]) {
    const count = set.length / dimension;
    if (Number.isInteger(count) && count > neighbours && neighbours >= 1) continue;
    throw new InputError({
      code: Number.isInteger(count) ? 'TOO_FEW_SAMPLES' : 'SIZE_MISMATCH',
      message: `precisionRecall: expected more than ${neighbours} rows of ${dimension} features, got ${set.length} values`,
      fix: 'Pass the dimension of the features; published values use 10,000 samples and more',
    });
  }
  return {
    precision: yield* shareWithin(generated, real, dimension, neighbours),
    recall: yield* shareWithin(real, generated, dimension, neighbours),
  };
}

/** Share of the rows of `a` that lie in a ball around a row of `b`. */
function* shareWithin(a: Matrix, b: Matrix, dimension: number, neighbours: number): Steps<number> {
  const radii = new Float64Array(b.length / dimension);
  yield* forDistances(b, b, dimension, (row, distances) => {
    // Itself, at a distance of 0, is not counted.
    radii[row] = distances.slice().sort()[neighbours]!;
  });
  let within = 0;
  yield* forDistances(a, b, dimension, (_, distances) => {
    if (distances.some((distance, i) => distance <= radii[i]!)) within++;
  });
  return within / (a.length / dimension);
}

/** Squared distances of every row of `a` to all rows of `b`. */
function* forDistances(
  a: Matrix,
  b: Matrix,
  dimension: number,
  onRow: (row: number, distances: Float64Array) => void,
): Steps<void> {
  const [squaresA, squaresB] = [squares(a, dimension), squares(b, dimension)];
  const columns = squaresB.length;
  for (let start = 0; start < squaresA.length; start += block) {
    const rows = Math.min(block, squaresA.length - start);
    const products = new Float64Array(rows * columns);
    const own = a.subarray(start * dimension, (start + rows) * dimension);
    yield* addProduct(products, own, b, rows, columns, dimension);
    for (let row = 0; row < rows; row++) {
      const own = products.subarray(row * columns, (row + 1) * columns);
      own.forEach((product, i) => {
        own[i] = Math.max(0, squaresA[start + row]! + squaresB[i]! - 2 * product);
      });
      onRow(start + row, own);
      yield;
    }
  }
}

/** Squared length of each row. */
function squares(x: Matrix, dimension: number): Float64Array {
  const sums = new Float64Array(x.length / dimension);
  for (let i = 0; i < x.length; i++) sums[Math.floor(i / dimension)]! += x[i]! ** 2;
  return sums;
}
