/** Starting the codebooks of all parts from data. */
import { disposeTree, split, type Tensor, tidy } from '@vqkit/core';
import { type CodebookParams, type KmeansOptions, sampleVectors, startCodebook } from '@vqkit/core/codebook';
import type { CodebookProduct } from './learn-rotation.ts';
import { identity, type ProductParams } from './product.ts';

/**
 * Parameters whose codes are the k-means of each part of sample vectors; a rotation stays the identity (`learnRotation` learns
 * both).
 *
 * @param vectors  f32 `[…, D]`: features of a few batches, some ten to a hundred vectors per code.
 * @throws ValueError `NOT_FINITE`; ShapeError `SHAPE_MISMATCH` when the last axis is not D.
 *
 * @example
 * const params = await startParts(quantizer, encoder(batch), { seed: 1 });
 */
export async function startParts(
  { dimension, isRotated, part, parts }: CodebookProduct,
  vectors: Tensor,
  options: Omit<KmeansOptions, 'start'> = {},
): Promise<ProductParams<CodebookParams>> {
  const rows = sampleVectors('startParts', vectors, dimension);
  const cut = tidy(() => split(rows, new Array<number>(parts).fill(part.dimension)));
  const params: CodebookParams[] = [];
  for (const [i, own] of cut.entries()) {
    params.push(await startCodebook(part, own, { ...options, seed: (options.seed ?? 0) + i }));
  }
  disposeTree([rows, cut]);
  return { parts: params, ...(isRotated ? { rotation: identity(vectors.backend, dimension) } : {}) };
}
