/** The weights that a codec is opened with: what the later recipes start from and write again. */
import { readFile } from 'node:fs/promises';
import { type Backend, disposeTree, loadTree, saveTree, type Tensor, tidy } from '@vqkit/core';
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

/** The file at `path` with another decoder, as bytes in f16. */
export async function replaceDecoder(
  path: string,
  decoder: PublishedWeights['decoder'],
  backend: Backend,
): Promise<Uint8Array> {
  const published = await readPublishedWeights(backend, path);
  const bytes = await saveTree({ ...published, decoder }, { precision: 'f16' });
  disposeTree(published);
  return bytes;
}
