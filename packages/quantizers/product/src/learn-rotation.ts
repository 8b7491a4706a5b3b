/**
 * Optimized product quantization: rotation and codebooks learned in turns on sample vectors. With the rotation fixed,
 * k-means improves the books; with the codes fixed, the best rotation is a Procrustes problem. Each half lowers the
 * error, so it falls until it rests.
 *
 * @see Ge, He, Ke & Sun 2013, "Optimized product quantization for approximate nearest neighbor search", sections 3.1–3.2
 */
import { concat, disposeTree, gather, matmul, mean, split, square, sub, type Tensor, tensor, tidy } from '@vqkit/core';
import type { CodebookParams, CodebookQuantizer, CodebookStatistics } from '@vqkit/core/codebook';
import { type KmeansResult, kmeans, sampleVectors } from '@vqkit/core/codebook';
import { decompose, type Matrix, nearestRotation } from './orthogonal.ts';
import type { ProductParams, ProductQuantizer } from './product.ts';

/** Options of `learnRotation`. */
export interface LearnRotationOptions {
  /** Turns, ≥ 0; 0 keeps the first rotation. Default 20. */
  readonly iterations?: number;
  /** First rotation: PCA with axes dealt out so that the parts have equal variance, or none. Default `pca`. */
  readonly start?: 'pca' | 'identity';
  /** Seed of k-means. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: { readonly iteration: number; readonly error: number }) => void;
}

/** A product quantizer of codebooks. */
export type CodebookProduct = ProductQuantizer<CodebookParams, CodebookStatistics, CodebookQuantizer>;

/**
 * Learns codebooks, and the rotation where the quantizer has one, from sample vectors.
 *
 * @param vectors  f32 `[…, D]`; some hundred per code, and more than D.
 * @returns New parameters, and the mean squared error per value after each turn.
 * @throws ShapeError `SHAPE_MISMATCH`; ValueError `NOT_FINITE`
 *
 * @example
 * const quantizer = product({ codes: 256, dimension: 8 }, { parts: 4, isRotated: true });
 * const { params } = await learnRotation(quantizer, features); // features: [20000, 32]
 */
export async function learnRotation(
  quantizer: CodebookProduct,
  vectors: Tensor,
  options: LearnRotationOptions = {},
): Promise<{ params: ProductParams<CodebookParams>; errors: number[] }> {
  const { iterations = 20, start = 'pca', seed = 0, signal, onProgress } = options;
  const { dimension, isRotated, part, parts } = quantizer;
  const rows = sampleVectors('learnRotation', vectors, dimension);
  const toTensor = ({ values, size }: Matrix): Tensor => tensor(rows.backend, Float32Array.from(values), [size, size]);
  const first = isRotated && start === 'pca' ? balancedAxes(await gram(rows, rows), parts) : identityMatrix(dimension);
  let rotation = toTensor(first);
  let books: Tensor[] | undefined;
  const errors: number[] = [];
  for (let iteration = 0; ; iteration++) {
    signal?.throwIfAborted();
    const fit = await fitBooks(quantizer, rows, rotation, books, seed);
    disposeTree(books);
    books = fit.books;
    errors.push(fit.error);
    onProgress?.({ iteration, error: fit.error });
    const isLast = !isRotated || iteration >= iterations;
    if (!isLast) {
      rotation.dispose();
      rotation = toTensor(nearestRotation(await gram(rows, fit.restored)));
    }
    fit.restored.dispose();
    if (isLast) break;
  }
  const params = { parts: books.map((book) => part.withCodebook(book)), ...(isRotated ? { rotation } : {}) };
  if (!isRotated) rotation.dispose();
  disposeTree(books);
  rows.dispose();
  return { params, errors };
}

/** Books for the rotated vectors: seeded well at first, then a step of k-means per turn, so that they follow the rotation. */
async function fitBooks(
  { part, parts }: CodebookProduct,
  rows: Tensor,
  rotation: Tensor,
  books: readonly Tensor[] | undefined,
  seed: number,
): Promise<{ books: Tensor[]; restored: Tensor; error: number }> {
  const rotated = tidy(() => split(matmul(rows, rotation), new Array<number>(parts).fill(part.dimension)));
  const results: KmeansResult[] = [];
  for (const [i, own] of rotated.entries()) {
    const lloyd = books ? { start: books[i]!, iterations: 1 } : { seed: seed + i };
    results.push(await kmeans(own, part.options.codes, lloyd));
  }
  const restored = tidy(() =>
    concat(
      results.map(({ codebook, indices }) => gather(codebook, indices)),
      -1,
    ),
  );
  const error = tidy(() => mean(square(sub(concat(rotated, -1), restored))));
  const value = await error.item();
  disposeTree([rotated, error, results.map(({ indices, counts }) => [indices, counts])]);
  return { books: results.map(({ codebook }) => codebook), restored, error: value };
}

/** XᵀY, read back. */
async function gram(x: Tensor, y: Tensor): Promise<Matrix> {
  const product = tidy(() => matmul(x, y, { transposeA: true }));
  const values = Float64Array.from(await product.data());
  product.dispose();
  return { size: x.shape[1]!, values };
}

/** Principal axes, dealt out to the parts so that the products of their variances are alike. */
function balancedAxes(covariance: Matrix, parts: number): Matrix {
  const { size } = covariance;
  const { v, s } = decompose(covariance);
  const order = Array.from(s.keys()).sort((a, b) => s[b]! - s[a]!);
  const capacity = size / parts;
  const groups = Array.from({ length: parts }, () => ({ axes: [] as number[], logVariance: 0 }));
  for (const axis of order) {
    const open = groups.filter(({ axes }) => axes.length < capacity);
    const group = open.reduce((best, other) => (other.logVariance < best.logVariance ? other : best));
    group.axes.push(axis);
    // Variances of numerically empty axes count as one rounding error of the largest.
    group.logVariance += Math.log(Math.max(s[axis]!, s[order[0]!]! * 1e-12, 1e-300));
  }
  const axes = groups.flatMap((group) => group.axes);
  return {
    size,
    values: Float64Array.from(
      { length: size * size },
      (_, at) => v.values[Math.floor(at / size) * size + axes[at % size]!]!,
    ),
  };
}

function identityMatrix(size: number): Matrix {
  return { size, values: Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)) };
}
