/** A weights package of super-resolution as a model on the host. */
import {
  add,
  concat,
  type HostTree,
  pixelShuffle,
  pixelUnshuffle,
  type Quantizer,
  split,
  type Tensor,
  trace,
  uploadTree,
} from '@vqkit/core';
import {
  type TexturePredictor,
  type TexturePredictorOptions,
  type TexturePredictorParams,
  type TextureTokenizer,
  type TextureTokenizerOptions,
  type TextureTokenizerParams,
  texturePredictor,
  textureTokenizer,
} from '@vqkit/models';
import {
  buildModel,
  checkManifest,
  makeNamed,
  type Quantizers,
  restoredParams,
  type WeightsManifest,
  type WeightsPackage,
} from '@vqkit/tokenizer';
import { UpscalerError } from './errors.ts';

/** Name of the architecture in manifests. */
const architecture = 'tvq-rap';

/** Networks and weights. */
export interface SrModel {
  readonly manifest: WeightsManifest;
  readonly tokenizer: TextureTokenizer;
  readonly predictor: TexturePredictor;
  readonly quantizer: Quantizer;
  /** Parameters of the predictor, of what makes images, and of the texture codes. */
  readonly params: { readonly predictor: HostTree; readonly decoder: HostTree; readonly codes: HostTree };
}

/** How a model is loaded. */
export interface LoadSrOptions {
  /** What the manifest's name of a texture quantizer means: `{ vq }`. */
  readonly quantizers: Quantizers;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a model and makes sure that its tensors have the names and shapes that the networks use, and are finite.
 *
 * @throws UpscalerError `WEIGHTS_DAMAGED` for weights of another kind; TokenizerError `MANIFEST_INVALID`, `QUANTIZER_MISSING`,
 *   `WEIGHTS_DAMAGED`; the signal's reason.
 */
export async function loadSrModel(weights: WeightsPackage, { quantizers, signal }: LoadSrOptions): Promise<SrModel> {
  const manifest = checkManifest(weights?.manifest);
  const { quantizer: spec, options } = manifest;
  if (manifest.architecture !== architecture || spec === undefined) {
    throw new UpscalerError({
      code: 'WEIGHTS_DAMAGED',
      message: `expected weights of the architecture '${architecture}', got '${manifest.id}' of '${manifest.architecture}'`,
      fix: 'Pass @vqkit/weights-sr-x4 or @vqkit/weights-sr-x4-real, or what vqkit train sr-rap published; weights of the codec cannot enlarge',
    });
  }
  const sizes = options as { readonly model?: TextureTokenizerOptions; readonly predictor?: TexturePredictorOptions };
  const quantizer = makeNamed<Quantizer>('QUANTIZER_MISSING', quantizers, spec.name, spec.options);
  const expected = `a predictor, a decoder and parameters of the quantizer '${spec.name}'`;
  return buildModel(weights, { expected, signal }, ({ encoder, decoder, quantizer: codes }) => {
    const tokenizer = textureTokenizer(sizes.model);
    const predictor = texturePredictor(tokenizer, { codes: quantizer.codebookSizes, ...sizes.predictor });
    const params = { predictor: encoder!, decoder: decoder!, codes: restoredParams(quantizer, codes) };
    const model = { manifest, tokenizer, predictor, quantizer, params };
    // Operations check names and shapes.
    const [latent] = trace((x: Tensor) => latentOf(model, x), [{ shape: [1, 4, 4, 3], dtype: 'f32' }]).outputs;
    trace((z: Tensor) => imageOf(model, z), [{ shape: latent!.shape, dtype: 'f32' }]);
    return model;
  });
}

/**
 * What a small image promises: the sum of structure and texture, and, where the decoder sees the small image, its pixels.
 *
 * @param x  f32 `[1, h, w, 3]` in [−1, 1], both sides multiples of 4.
 * @returns f32 `[1, h/2, w/2, D]`, or with the pixels `[1, h/2, w/2, D + 12]`.
 */
export function latentOf(model: SrModel, x: Tensor): Tensor {
  const { tokenizer, predictor, quantizer, params } = model;
  const upload = (tree: HostTree): unknown => uploadTree(x.backend, tree);
  const own = upload(params.predictor) as TexturePredictorParams;
  const { indices, base } = predictor.choose(own, upload(params.decoder) as TextureTokenizerParams, x);
  const zQ = quantizer.decode(upload(params.codes), indices);
  const latent = base ? add(base, zQ) : zQ;
  return tokenizer.options.skip > 0 ? concat([latent, pixelUnshuffle(x, 2)], -1) : latent;
}

/** @param latent  As `latentOf` makes it. @returns f32 `[1, 8·h, 8·w, 3]`, about [−1, 1]. */
export function imageOf({ tokenizer, params }: SrModel, latent: Tensor): Tensor {
  const decoder = uploadTree(latent.backend, params.decoder) as unknown as TextureTokenizerParams;
  const { skip, dimension } = tokenizer.options;
  if (skip === 0) return tokenizer.decode(decoder, latent);
  const [z, pixels] = split(latent, [dimension, 12]) as [Tensor, Tensor];
  return tokenizer.decode(decoder, z, undefined, pixelShuffle(pixels, 2));
}
