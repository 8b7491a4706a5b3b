/** Writing a weights package: what a training run publishes, as files by name. */
import { readTree, saveTree, type Tensor } from '@vqkit/core';
import { TokenizerError } from '../errors.ts';
import { findNotFinite } from './host-tree.ts';
import { int8Weights } from './int8.ts';
import { checkManifest, manifestFile, type WeightsManifest, type WeightsPackage, weightsFileOf } from './manifest.ts';

/** Files by name. */
export type WeightsFiles = Readonly<Record<string, Uint8Array>>;

/** What goes into a weights package. */
export interface WeightsContent {
  readonly manifest: WeightsManifest;
  /** Parameters of the architecture's halves: trees of tensors. */
  readonly encoder: unknown;
  readonly decoder: unknown;
  /** Parameters of the quantizer that the manifest names. Fold what training alone needs first, e.g. a dual codebook. */
  readonly quantizer?: unknown;
  /** Nested codebooks, f32 `[K, D]`, for a manifest with `codebookSizes`. */
  readonly codebooks?: readonly Tensor[];
  /** Priors of the entropy coder by the names that the manifest gives. */
  readonly priors?: WeightsFiles;
  /** How f32 tensors are stored. Default `f16`, half the space; `int8` is half of that, see `int8Weights`. */
  readonly precision?: 'int8' | 'f16' | 'f32';
  /** What else the file of tensors says, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The files of a weights package: `manifest.json`, `weights.safetensors` (or as the manifest says) and the priors.
 *
 * @throws TokenizerError `MANIFEST_INVALID`; `WEIGHTS_DAMAGED` for values that are not finite as they are stored.
 *
 * @example
 * const manifest = { id: 'digits', architecture: 'vqvae', options: { channels: 1 }, quantizer: { name: 'fsq', options } };
 * const files = await packWeights({ manifest, encoder, decoder, quantizer: params });
 */
export async function packWeights(content: WeightsContent): Promise<WeightsFiles> {
  const { encoder, decoder, quantizer, codebooks, priors, precision = 'f16', metadata } = content;
  const manifest = checkManifest(content.manifest);
  const books = codebooks && Object.fromEntries(codebooks.map((book) => [String(book.shape[0]), book]));
  const tree = { encoder, decoder, ...(books && { codebooks: books }), ...(quantizer !== undefined && { quantizer }) };
  const stored = precision === 'f32' ? 'f32' : 'f16';
  const bytes = await saveTree(tree, { precision: stored, metadata });
  const bad = findNotFinite((await readTree(bytes)).tree);
  if (bad !== undefined) {
    throw new TokenizerError({
      code: 'WEIGHTS_DAMAGED',
      message: `expected finite weights, got NaN or values out of the range of ${stored} in '${bad}'`,
      fix:
        stored === 'f16'
          ? "Store them with precision: 'f32', or publish an earlier checkpoint"
          : 'Publish an earlier checkpoint',
    });
  }
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const file = precision === 'int8' ? await int8Weights(bytes) : bytes;
  return { [manifestFile]: json, [weightsFileOf(manifest)]: file, ...priors };
}

/**
 * A weights package from files in memory.
 *
 * @param origin  Where the files come from, for messages.
 * @throws TokenizerError `MANIFEST_INVALID`; when a file is loaded that is not there, `WEIGHTS_DAMAGED`.
 */
export function weightsOf(files: WeightsFiles, origin = 'memory'): WeightsPackage {
  return {
    manifest: parseManifest(files[manifestFile] ?? new Uint8Array(0), origin),
    load: async (file) => {
      const bytes = Object.hasOwn(files, file) ? files[file] : undefined;
      if (bytes) return bytes;
      throw new TokenizerError({
        code: 'WEIGHTS_DAMAGED',
        message: `expected the file '${file}' in ${origin}, got ${Object.keys(files).join(', ')}`,
        fix: 'Publish or copy the package again, whole',
      });
    },
  };
}

/** @internal Reads a manifest from its file. @throws TokenizerError `MANIFEST_INVALID` */
export function parseManifest(bytes: Uint8Array, origin: string): WeightsManifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new TokenizerError({
      code: 'MANIFEST_INVALID',
      message: `expected JSON in ${manifestFile} of ${origin}, got ${bytes.length} bytes that are none`,
      fix: 'Publish or copy the package again',
      cause,
    });
  }
  return checkManifest(json);
}
