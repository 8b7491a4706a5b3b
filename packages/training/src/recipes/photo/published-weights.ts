/**
 * What the photo recipes publish, and start from again. The packages that the codec opens are made by the tokenizer; here are the
 * facts that later stages of training need besides, and the table of codebooks that they train on.
 */
import { type Backend, concat, fill, saveTree, stack, type Tensor, tidy } from '@vqkit/core';
import type { PhotoTokenizerOptions, PhotoTokenizerParams } from '@vqkit/models';
import type { Metric, VqParams } from '@vqkit/quantizer-vq';
import { packWeights, type WeightsFiles } from '@vqkit/tokenizer';
import { idOf } from '../id-of.ts';
import { readStageInfo, readStageTensors } from '../stage-file.ts';

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

const branches = { photo: ['model', 'quantizer'], 'photo-rates': ['encoder', 'decoder', 'codebooks'] } as const;

/** Facts about a published file besides its tensors. */
export interface PublishedInfo {
  /** Sizes of the networks. */
  readonly network: PhotoTokenizerOptions;
  /** How features find their codes. */
  readonly metric: Metric;
}

const metadataOf = ({ network, metric }: PublishedInfo) => ({ network: JSON.stringify(network), metric });

/** Reads the facts. @throws TrainingError `DATA_MISSING` when it cannot be read or has other tensors. */
export async function readInfo(path: string, stage: Stage): Promise<PublishedInfo> {
  return (await readInfoOfOne(path, [stage])).info;
}

/** Reads the facts of a file that one of several stages published, and which one. @throws TrainingError as `readInfo`. */
export function readInfoOfOne<S extends Stage>(
  path: string,
  stages: readonly S[],
): Promise<{ readonly stage: S; readonly info: PublishedInfo }> {
  return readStageInfo(path, stages.join(' or '), ({ names, metadata }) => {
    const found = [...new Set(names.map((name) => name.split('.')[0]!))];
    if (names.some((name) => name.endsWith('.weight_scale')))
      throw new Error('weights of 8 bits, which are to be used: training goes on from f16');
    const stage = stages.find((each) => branches[each].every((name) => found.includes(name)));
    if (stage === undefined) throw new Error(`tensors of ${found.join(', ')}`);
    const { network = '{}', metric = 'l2' } = metadata;
    const info = { network: JSON.parse(network) as PhotoTokenizerOptions, metric: metric as Metric };
    return { stage, info };
  });
}

/** Reads the tensors of a file that `readInfo` accepted; the caller disposes them. */
export function readPublished<S extends Stage>(
  backend: Backend,
  path: string,
  _: S,
): Promise<S extends 'photo' ? PhotoWeights : PublishedWeights> {
  return readStageTensors(backend, path);
}

/** The bytes of the file of the stage `photo`, in f16. */
export function writePhoto(weights: PhotoWeights, info: PublishedInfo): Promise<Uint8Array> {
  return saveTree(weights, { precision: 'f16', metadata: metadataOf(info) });
}

/**
 * The files of a later stage: a package that the codec opens. Priors come with the final weights; until then the entropy
 * coder learns from the picture itself.
 */
export async function publishedFiles(weights: PublishedWeights, info: PublishedInfo): Promise<WeightsFiles> {
  const { encoder, decoder, codebooks } = weights;
  const books = Object.values(codebooks).sort((a, b) => a.shape[0]! - b.shape[0]!);
  const manifest = {
    id: await idOf({ encoder, codebooks }),
    architecture: 'photo-tokenizer',
    options: info.network,
    codebookSizes: books.map(({ shape }) => shape[0]!),
    priors: [],
  };
  return packWeights({ manifest, encoder, decoder, codebooks: books, metadata: metadataOf(info) });
}

/** A code so far away that no vector chooses it: fills small codebooks up to the size of the largest. */
const nowhere = 1e4;

/** The codebooks as one table, f32 `[books, K, D]`, the full one first, smaller ones filled up with codes that are never chosen. */
export function tableOfCodebooks({ codebooks }: PublishedWeights): Tensor {
  const books = Object.values(codebooks).sort((a, b) => b.shape[0]! - a.shape[0]!);
  const [largest, dimension] = books[0]!.shape as [number, number];
  return tidy(() =>
    stack(
      books.map((book) => {
        const missing = largest - book.shape[0]!;
        return missing === 0 ? book : concat([book, fill(book.backend, [missing, dimension], nowhere)]);
      }),
    ),
  );
}
