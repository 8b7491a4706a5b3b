/**
 * What a weights package is: a manifest in JSON that names an architecture and a quantizer with their options, and files
 * with tensors. `import * as photo from '@vqkit/weights-photo'` is one, so is a folder that a training run published.
 */
import { TokenizerError } from '../errors.ts';
import { problemOfSizes, problemOfTables } from './option-sizes.ts';

/** A quantizer by name, with what its factory takes. */
export interface QuantizerSpec {
  /** Key of the table of quantizers that the reader passes in: `vq`, `looc`, … */
  readonly name: string;
  readonly options: object;
}

/** Facts about the weights. Either nested codebooks or a quantizer. */
export interface WeightsManifest {
  /** One to eight printable ASCII characters that are written into every file; a decoder needs the same. */
  readonly id: string;
  /** Key of the table of architectures: `photo-tokenizer`, `vqvae`, `vqgan`, or the reader's own. */
  readonly architecture: string;
  /** What the factory of the architecture takes. */
  readonly options: object;
  /** Sizes of nested codebooks, ascending: one rate each. */
  readonly codebookSizes?: readonly number[];
  /** The quantizer, in place of nested codebooks: one rate. */
  readonly quantizer?: QuantizerSpec;
  /** Of networks over index maps: id of the weights that the maps are of. */
  readonly tokenizer?: string;
  /**
   * The file with networks and codebooks. Default: `weights.safetensors`. Files of one id mean the same indices, whatever the precision
   * of their networks: either decodes what the other encoded.
   */
  readonly weights?: string;
  /** Files with priors of the entropy coder. Default: `prior-<K>.vqp` for each of `codebookSizes`, none for a quantizer. */
  readonly priors?: readonly string[];
  /** Ids that earlier versions of the package had, and the version that reads their files: `{ 'ph-1': '@vqkit/weights-photo@0.1.0' }`. */
  readonly predecessors?: Readonly<Record<string, string>>;
}

/** A manifest and its files. */
export interface WeightsPackage {
  readonly manifest: WeightsManifest;
  /** Reads one of the package's files: that of `weightsFileOf`, or a prior. */
  load(file: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Name of the file with networks and codebooks, where the manifest has no other. */
export const weightsFile = 'weights.safetensors';

/** Name of the file with networks and codebooks of a package. */
export function weightsFileOf({ weights = weightsFile }: Pick<WeightsManifest, 'weights'>): string {
  return weights;
}

/** Name of the file with the manifest, where a package is a folder. */
export const manifestFile = 'manifest.json';

/** Name of the prior of a nested codebook. */
export function priorFile(codebookSize: number): string {
  return `prior-${codebookSize}.vqp`;
}

/** Names of the priors of a package. */
export function priorFiles({ priors, codebookSizes = [] }: WeightsManifest): readonly string[] {
  return priors ?? codebookSizes.map(priorFile);
}

/** The model id as it stands in files: four or eight bytes, filled with spaces. */
export function modelIdOf({ id }: Pick<WeightsManifest, 'id'>): Uint8Array {
  return new TextEncoder().encode(id.padEnd(id.length > 4 ? 8 : 4));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlainName = (name: unknown): boolean => typeof name === 'string' && /^\w[\w.-]{0,63}$/.test(name); // names stand in messages

const isPrintable = (text: unknown): boolean => typeof text === 'string' && /^[\x20-\x7e]+$/.test(text);

/**
 * Checks what claims to be a manifest; fields it does not know stay.
 *
 * @throws TokenizerError `MANIFEST_INVALID`
 */
export function checkManifest(value: unknown): WeightsManifest {
  const refuse = (expected: string, value: unknown): never => {
    const got = (JSON.stringify(value) ?? String(value)).slice(0, 200);
    throw new TokenizerError({
      code: 'MANIFEST_INVALID',
      message: `expected a manifest with ${expected}, got ${got}`,
      fix: 'Pass a weights package, e.g. import * as photo from "@vqkit/weights-photo", or a folder that vqkit train published',
    });
  };
  if (!isRecord(value)) return refuse('id, architecture and options', value);
  const { id, architecture, options, codebookSizes, quantizer, weights, priors, tokenizer, predecessors } = value;
  if (typeof id !== 'string' || !/^[\x21-\x7e]([\x20-\x7e]{0,6}[\x21-\x7e])?$/.test(id))
    refuse('an id of one to eight printable ASCII characters', id);
  if (typeof architecture !== 'string') refuse('the name of an architecture', architecture);
  if (!isRecord(options)) refuse('an object of options', options);
  if ((codebookSizes === undefined) === (quantizer === undefined))
    refuse('either codebookSizes or a quantizer', { codebookSizes, quantizer });
  const isAscending =
    Array.isArray(codebookSizes) &&
    codebookSizes.length > 0 &&
    codebookSizes.every((size, i) => Number.isInteger(size) && size > (i === 0 ? 0 : codebookSizes[i - 1]));
  if (codebookSizes !== undefined && !isAscending) refuse('ascending whole numbers as codebookSizes', codebookSizes);
  const isQuantizer = isRecord(quantizer) && typeof quantizer.name === 'string' && isRecord(quantizer.options);
  if (quantizer !== undefined && !isQuantizer) refuse('a quantizer of { name, options }', quantizer);
  // Names stand in messages.
  const problem =
    problemOfSizes({ options, architecture, tokenizer, name: isRecord(quantizer) && quantizer.name }) ??
    (isRecord(quantizer) ? problemOfTables(quantizer.options as object) : undefined);
  if (problem) refuse(problem, { options, quantizer });
  if (tokenizer !== undefined && typeof tokenizer !== 'string') refuse('an id as tokenizer', tokenizer);
  if (weights !== undefined && !isPlainName(weights)) refuse('a file name as weights', weights);
  if (priors !== undefined && !(Array.isArray(priors) && priors.every(isPlainName)))
    refuse('file names as priors', priors);
  const isListed = isRecord(predecessors) && Object.values(predecessors).every(isPrintable);
  if (predecessors !== undefined && !isListed) refuse('names and versions as predecessors', predecessors);
  return value as unknown as WeightsManifest;
}
