/** The weights that a codec is opened with: what the later recipes start from and write again. */
import { readFile } from 'node:fs/promises';
import { type Backend, disposeTree, emaUpdate, loadTree, saveTree, type Tensor, tidy } from '@vqkit/core';
import type { PhotoTokenizerParams } from '@vqkit/models';
import { stackCodebooks } from './rate-codebooks.ts';

/** Networks and codebooks of `@vqkit/weights-photo`. */
export interface PublishedWeights extends PhotoTokenizerParams {
  /** f32 `[K, D]` by K in decimal digits. */
  readonly codebooks: Readonly<Record<string, Tensor>>;
}

/** Reads `weights.safetensors`. The caller disposes the tensors. */
export async function readPublishedWeights(backend: Backend, path: string): Promise<PublishedWeights> {
  const { tree } = await loadTree(backend, new Uint8Array(await readFile(path)));
  return tree as unknown as PublishedWeights;
}

/** The codebooks as one table, f32 `[books, K, D]`, the full one first. */
export function tableOfCodebooks({ codebooks }: PublishedWeights): Tensor {
  return tidy(() => stackCodebooks(Object.values(codebooks).sort((a, b) => b.shape[0]! - a.shape[0]!)));
}

/**
 * The file at `path` with a decoder between its own and another, as bytes in f16.
 *
 * @param share  Of the other decoder, 0 to 1. Between a faithful decoder and one that learned texture from a
 *   discriminator lie better ones than either.
 * @see Wang et al. 2018, arXiv:1809.00219, section 3.4, for networks between networks
 */
export async function blendDecoder(
  path: string,
  decoder: PublishedWeights['decoder'],
  share: number,
  backend: Backend,
): Promise<Uint8Array> {
  const published = await readPublishedWeights(backend, path);
  const blended = emaUpdate(published.decoder, decoder, 1 - share);
  const bytes = await saveTree({ ...published, decoder: blended }, { precision: 'f16' });
  disposeTree([published, blended]);
  return bytes;
}
