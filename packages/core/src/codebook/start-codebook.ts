/** Starting a codebook from data: k-means on vectors that an encoder made, once before quantization begins. */
import { ShapeError } from '../errors.ts';
import { reshape } from '../ops/reshape.ts';
import { disposeTree, tidy } from '../tensor/scope.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';
import { unitVectors } from './assignment.ts';
import type { CodebookParams } from './codebook.ts';
import type { CodebookQuantizer } from './codebook-quantizer.ts';
import { type KmeansOptions, kmeans } from './kmeans.ts';

/**
 * Vectors as a list, after looking at their length.
 *
 * @param vectors  f32 `[…, D]`.
 * @returns f32 `[N, D]`.
 * @throws ShapeError `SHAPE_MISMATCH`
 */
export function sampleVectors(name: string, vectors: Tensor, dimension: number): Tensor {
  if (vectors.shape.at(-1) === dimension)
    return tidy(() => reshape(alias(vectors), [vectors.size / dimension, dimension]));
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `${name}: expected vectors […, ${dimension}], got [${vectors.shape}]`,
    fix: 'Pass features as the quantizer gets them',
  });
}

/**
 * Parameters whose codes are the k-means of sample vectors. Some ten to a hundred vectors per code are enough.
 *
 * @param vectors  f32 `[…, D]`: features of a few batches.
 * @throws ValueError `NOT_FINITE`; ShapeError `SHAPE_MISMATCH` when the last axis is not D.
 *
 * @example
 * const params = await startCodebook(quantizer, encoder(batch), { seed: 1 });
 */
export async function startCodebook(
  quantizer: CodebookQuantizer,
  vectors: Tensor,
  options: KmeansOptions = {},
): Promise<CodebookParams> {
  const { codes, dimension, metric } = quantizer.options;
  const rows = sampleVectors('startCodebook', vectors, dimension);
  const seen = tidy(() => (metric === 'spherical' ? unitVectors(rows) : alias(rows)));
  const result = await kmeans(seen, codes, options);
  const params = quantizer.withCodebook(result.codebook);
  disposeTree([rows, seen, result]);
  return params;
}
