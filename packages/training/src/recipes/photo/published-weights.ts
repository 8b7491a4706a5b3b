/** The files that the photo recipes publish, and start from again. */
import { readFile } from 'node:fs/promises';
import { type Backend, loadTree, openSafetensors, saveTree, type Tensor, tidy } from '@vqkit/core';
import type { PhotoTokenizerOptions, PhotoTokenizerParams } from '@vqkit/models';
import type { Metric, VqParams } from '@vqkit/quantizer-vq';
import { checkManifest, manifestFile, weightsFile } from '@vqkit/tokenizer';
import { reasonOf } from '../../data/photos.ts';
import { TrainingError } from '../../errors.ts';
import { idOf } from '../id-of.ts';
import { stackCodebooks } from './rate-codebooks.ts';

/** What the recipe `photo` publishes: the averaged autoencoder and the codebook. */
export interface PhotoWeights {
  readonly model: PhotoTokenizerParams;
  readonly quantizer: VqParams;
}

/** Networks and codebooks of `@vqkit/weights-photo`, as the later stages publish them. */
export interface PublishedWeights extends PhotoTokenizerParams {
  /** f32 `[K, D]` by K in decimal digits. */
  readonly codebooks: Readonly<Record<string, Tensor>>;
}

/** Stages that publish. */
type Stage = 'photo' | 'photo-rates';

/** What a stage's file holds. */
type WeightsOf<S extends Stage> = S extends 'photo' ? PhotoWeights : PublishedWeights;

const branches = { photo: ['model', 'quantizer'], 'photo-rates': ['encoder', 'decoder', 'codebooks'] } as const;

/** Facts about a published file besides its tensors. */
export interface PublishedInfo {
  /** Sizes of the networks. */
  readonly network: PhotoTokenizerOptions;
  /** How features find their codes. */
  readonly metric: Metric;
}

/** Reads the facts. @throws TrainingError `DATA_MISSING` when it cannot be read or has other tensors. */
export async function readInfo(path: string, stage: Stage): Promise<PublishedInfo> {
  try {
    const { names, metadata } = await openSafetensors(new Uint8Array(await readFile(path)));
    const found = [...new Set(names.map((name) => name.split('.')[0]!))];
    if (branches[stage].some((name) => !found.includes(name))) throw new Error(`tensors of ${found.join(', ')}`);
    const { network = '{}', metric = 'l2' } = metadata;
    return { network: JSON.parse(network) as PhotoTokenizerOptions, metric: metric as Metric };
  } catch (cause) {
    throw new TrainingError({
      code: 'DATA_MISSING',
      message: `expected what the recipe ${stage} publishes at '${path}', got: ${reasonOf(cause)}`,
      fix: 'Name the .safetensors file of the stage before',
      cause,
    });
  }
}

/** Reads the tensors of a file that `readInfo` accepted; the caller disposes them. */
export async function readPublished<S extends Stage>(backend: Backend, path: string, _: S): Promise<WeightsOf<S>> {
  return (await loadTree(backend, new Uint8Array(await readFile(path)))).tree as WeightsOf<S>;
}

/** The bytes of a file, in f16, that `readInfo` and `readPublished` read. */
export function writePublished(
  weights: PhotoWeights | PublishedWeights,
  { network, metric }: PublishedInfo,
): Promise<Uint8Array> {
  return saveTree(weights, { precision: 'f16', metadata: { network: JSON.stringify(network), metric } });
}

/**
 * The files of a later stage: the weights, and a manifest with which the codec opens their folder. Priors come with the
 * final weights; until then the entropy coder learns from the picture itself.
 */
export async function publishedFiles(
  weights: PublishedWeights,
  info: PublishedInfo,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const { encoder, codebooks } = weights;
  const manifest = checkManifest({
    id: await idOf({ encoder, codebooks }),
    architecture: 'photo-tokenizer',
    options: info.network,
    codebookSizes: Object.keys(codebooks)
      .map(Number)
      .sort((a, b) => a - b),
    priors: [],
  });
  return {
    [weightsFile]: await writePublished(weights, info),
    [manifestFile]: new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`),
  };
}

/** The codebooks as one table, f32 `[books, K, D]`, the full one first. */
export function tableOfCodebooks({ codebooks }: PublishedWeights): Tensor {
  return tidy(() => stackCodebooks(Object.values(codebooks).sort((a, b) => b.shape[0]! - a.shape[0]!)));
}
