/**
 * Weights of an index transformer as a package: its manifest names the weights whose indices it completes, and its file holds
 * the codebooks of these beside the network, so that it fills in maps without them.
 */
import { gather, type HostTree, squeeze, type Tensor, trace, uploadTree } from '@vqkit/core';
import {
  type IndexTransformer,
  type IndexTransformerOptions,
  type IndexTransformerParams,
  indexTransformer,
} from '@vqkit/models';
import {
  buildModel,
  checkManifest,
  packWeights,
  type WeightsFiles,
  type WeightsManifest,
  type WeightsPackage,
} from '@vqkit/tokenizer';
import { CodecError } from '../errors.ts';

/** Name of the architecture in manifests. */
const architecture = 'index-transformer';

/** What goes into a package. */
export interface IndexTransformerContent {
  /** One to eight printable ASCII characters. */
  readonly id: string;
  /** Id of the weights whose indices it completes. */
  readonly tokenizer: string;
  readonly options: IndexTransformerOptions;
  readonly params: IndexTransformerParams;
  /** Vectors of the codes of each rate, f32 `[K, D]`, ascending in K. */
  readonly codebooks: readonly Tensor[];
}

/** The files of a package, f16: `manifest.json` and `weights.safetensors`. @throws TokenizerError as `packWeights` */
export function packIndexTransformer(content: IndexTransformerContent): Promise<WeightsFiles> {
  const { id, tokenizer, options, params, codebooks } = content;
  const codebookSizes = codebooks.map(({ shape }) => shape[0]!);
  const manifest = { id, architecture, options, codebookSizes, priors: [], tokenizer };
  return packWeights({ manifest, encoder: params, decoder: {}, codebooks });
}

/** A network with its weights on the host. */
export interface IndexTransformerModel {
  readonly manifest: WeightsManifest & { readonly tokenizer: string };
  readonly network: IndexTransformer;
  readonly params: HostTree;
  /** f32 `[K, D]` by K. */
  readonly codebooks: Readonly<Record<number, HostTree>>;
}

/** What a network says about a map. */
export interface MapInput {
  /** u32 `[1, h, w, 1]`; anything below K in holes. */
  readonly indices: Tensor;
  /** f32 `[1, h, w, 1]`: 1 in holes. */
  readonly holes: Tensor;
  readonly codebookSize: number;
}

/** Logits of all codes at all positions, f32 `[1, h, w, K]`; the weights become constants of the graph. */
export function logitsOf(model: IndexTransformerModel, { indices, holes, codebookSize }: MapInput): Tensor {
  const { network, params, codebooks } = model;
  const own = uploadTree(indices.backend, params) as IndexTransformerParams;
  const codes = uploadTree(indices.backend, codebooks[codebookSize]!) as Tensor;
  const vectors = gather(codes, squeeze(indices, [3]));
  return network.apply(own, { vectors, holes, codes, bits: Math.log2(codebookSize) });
}

/**
 * Loads a package, and makes sure that its tensors have the names and shapes that the network uses, and are finite.
 *
 * @throws CodecError `MODEL_MISMATCH` for weights of another kind; TokenizerError `MANIFEST_INVALID`, `WEIGHTS_DAMAGED`; the
 *   signal's reason.
 */
export async function loadIndexTransformer(
  weights: WeightsPackage,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<IndexTransformerModel> {
  const { tokenizer, codebookSizes = [], ...rest } = checkManifest(weights?.manifest);
  if (rest.architecture !== architecture || tokenizer === undefined) {
    throw new CodecError({
      code: 'MODEL_MISMATCH',
      message: `expected weights of the architecture '${architecture}' that name their tokenizer, got '${rest.id}' of '${rest.architecture}'`,
      fix: 'Pass what vqkit train index-transformer published',
    });
  }
  const manifest = { ...rest, codebookSizes, tokenizer };
  const expected = `a transformer and codebooks of ${codebookSizes.join(', ')} codes`;
  return buildModel(weights, { expected, signal }, ({ encoder, codebooks = {} }) => {
    const network = indexTransformer(manifest.options as IndexTransformerOptions);
    const model = { manifest, network, params: encoder ?? {}, codebooks: codebooks as Record<number, HostTree> };
    // Operations check names and shapes.
    for (const codebookSize of codebookSizes) {
      const shape = [1, 1, 1, 1];
      const [logits] = trace(
        (indices: Tensor, holes: Tensor) => logitsOf(model, { indices, holes, codebookSize }),
        [
          { shape, dtype: 'u32' },
          { shape, dtype: 'f32' },
        ],
      ).outputs;
      if (logits!.shape[3] !== codebookSize) throw new Error(`${logits!.shape[3]} codes instead of ${codebookSize}`);
    }
    return model;
  });
}
