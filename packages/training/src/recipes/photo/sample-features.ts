/** Features of some batches: what k-means starts a codebook from. */
import { type Backend, concat, disposeTree, type Tensor, uploadTree } from '@vqkit/core';
import type { BatchSource } from '../../data/batch-source.ts';

/** Feature vectors per code that k-means sees, and batches at least. */
const [startVectors, startBatches] = [4, 24];

/**
 * Encodes the batches from number `at` on, as many as k-means wants.
 *
 * @param encode  From an uploaded batch to features f32 `[N, h, w, D]`; compiled.
 * @param sizes  Codes, and feature vectors per batch.
 * @returns f32 `[batches·N, h, w, D]`.
 */
export async function sampleFeatures<B>(
  backend: Backend,
  encode: (batch: B) => Tensor,
  source: BatchSource<B>,
  { at, codes, vectors }: { readonly at: number; readonly codes: number; readonly vectors: number },
): Promise<Tensor> {
  const features: Tensor[] = [];
  const batches = Math.max(startBatches, Math.ceil((startVectors * codes) / vectors));
  for (let i = 0; i < batches; i++) {
    const batch = uploadTree(backend, await source.batch(at + i)) as B;
    features.push(encode(batch));
    disposeTree(batch);
  }
  const all = concat(features);
  disposeTree(features);
  return all;
}
