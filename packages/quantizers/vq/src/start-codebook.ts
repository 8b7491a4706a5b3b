/** Starting a codebook from data: k-means on vectors that an encoder made, once before quantization begins. */
import { disposeTree, reshape, ShapeError, type Tensor } from '@vqkit/core';
import { type KmeansOptions, kmeans } from '@vqkit/core/codebook';
import type { VqParams, VqQuantizer } from './vq.ts';

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
  quantizer: VqQuantizer,
  vectors: Tensor,
  options: KmeansOptions = {},
): Promise<VqParams> {
  const { codes, dimension } = quantizer.options;
  if (vectors.shape.at(-1) !== dimension) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `startCodebook: expected vectors […, ${dimension}], got [${vectors.shape}]`,
      fix: 'Pass features as the quantizer gets them',
    });
  }
  const rows = reshape(vectors, [vectors.size / dimension, dimension]);
  const result = await kmeans(rows, codes, options);
  if (rows !== vectors) rows.dispose();
  const params = quantizer.withCodebook(result.codebook);
  disposeTree(result);
  return params;
}
