/** Weights packages: what the codec asks of them, and how their files become a model. */
import { type HostTensor, type HostTree, readTree } from '@vqkit/core';
import { type PhotoTokenizer, type PhotoTokenizerOptions, photoTokenizer } from '@vqkit/models';
import { CodecError } from '../errors.ts';

/** What `import * as photo from '@vqkit/weights-photo'` gives. */
export interface WeightsPackage {
  readonly manifest: WeightsManifest;
  /** Reads one of the package's files: `weights.safetensors`, or `prior-<K>.vqp` for a codebook of K codes. */
  load(file: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Facts about the weights. */
export interface WeightsManifest {
  /** Four ASCII characters that are written into every file; a decoder needs the same. */
  readonly id: string;
  readonly architecture: 'photo-tokenizer';
  readonly options: PhotoTokenizerOptions;
  /** Sizes of the codebooks, ascending. */
  readonly codebookSizes: readonly number[];
}

/** A model on the host: networks, their weights, and one codebook per rate. */
export interface CodecModel {
  readonly manifest: WeightsManifest;
  readonly network: PhotoTokenizer;
  readonly encoder: HostTree;
  readonly decoder: HostTree;
  /** By size: f32 `[K, D]`. */
  readonly codebooks: ReadonlyMap<number, HostTensor>;
}

/** Name of the prior of a codebook size. */
export function priorFile(codebookSize: number): string {
  return `prior-${codebookSize}.vqp`;
}

/** The model id as it stands in files. */
export function modelIdOf({ id }: WeightsManifest): Uint8Array {
  return new TextEncoder().encode(id.padEnd(4)).slice(0, 4);
}

/** Loads a model from a weights package. @throws CodecError `WEIGHTS_DAMAGED` */
export async function loadModel(weights: WeightsPackage, signal?: AbortSignal): Promise<CodecModel> {
  const { manifest } = weights;
  const bytes = await weights.load('weights.safetensors', { signal }); // its errors say what happened: they pass
  try {
    const { tree } = await readTree(bytes);
    const { encoder, decoder, codebooks } = tree as Record<string, HostTree>;
    const books = new Map(
      Object.entries(codebooks as Record<string, HostTensor>).map(([size, book]) => [Number(size), book]),
    );
    if (!encoder || !decoder || manifest.codebookSizes.some((size) => books.get(size)?.shape[0] !== size))
      throw new Error('tensors are missing');
    return { manifest, network: photoTokenizer(manifest.options), encoder, decoder, codebooks: books };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new CodecError({
      code: 'WEIGHTS_DAMAGED',
      message: `expected the weights '${manifest.id}' with an encoder, a decoder and codebooks of ${manifest.codebookSizes.join(', ')} codes`,
      fix: 'Install the weights package again',
      cause,
    });
  }
}
