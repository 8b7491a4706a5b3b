/**
 * The recipe of VQGAN, with any quantizer: L1, LPIPS and the codebook from the start, a patch discriminator later, weighted by
 * the lengths of gradients at the decoder's last layer. On photos, or on small grey images, which count as colour ones.
 *
 * As in the paper's code but for what our other recipes do better: LPIPS on SqueezeNet instead of VGG, codes that follow by
 * averages and start by k-means where they can, clipped gradients, a rate that falls at the end, averaged weights.
 *
 * @see Esser et al. 2021, arXiv:2012.09841; Boodaghi Malidarreh et al. 2025 (Dual Codebook), arXiv:2503.10832, which trains its
 *   quantizer so
 */
import { concat, type Tensor } from '@vqkit/core';
import { type LpipsParams, loadLpips } from '@vqkit/metrics';
import { type PatchDiscriminatorOptions, type VqganOptions, type VqganParams, vqgan } from '@vqkit/models';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { adversarialOptions } from '../adversarial-options.ts';
import { type CodedModel, type CodedState, codedTraining, codesOf } from '../coded-training.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';
import { followOption, packModel, quantizerOptions, quantizerSpec } from '../quantizers.ts';
import { runSchedule } from '../run-schedule.ts';
import { openImageSet } from '../vqvae/open-image-set.ts';
import { vqvaeOptions } from '../vqvae/vqvae.ts';
import { heldOutScores } from './score-held-out.ts';

const { lpipsWeights, crop, decay, half, optimizer, heldOut, validateSteps } = commonPhotoOptions;

/** Options of the recipe. */
export const vqganOptions = {
  data: vqvaeOptions.data,
  lpipsWeights,
  ...quantizerOptions,
  codes: { ...quantizerOptions.codes, default: 1024 },
  ...followOption,
  channels: {
    type: 'integer',
    description: 'channels at full resolution; 128 in the published models',
    default: 32,
    min: 8,
    max: 512,
    multipleOf: 8,
  },
  multipliers: {
    type: 'integers',
    description: 'channels of each resolution, in multiples of --channels; the image is halved between them',
    default: [1, 1, 2, 2, 4],
    min: 1,
    max: 16,
  },
  blocks: { type: 'integer', description: 'residual blocks per resolution', default: 2, min: 1, max: 8 },
  steps: { type: 'integer', description: 'steps of the whole run', default: 20_000, min: 1, mayChange: true },
  batch: { type: 'integer', description: 'images per step', default: 8, min: 1 },
  crop,
  rate: { type: 'number', description: 'peak learning rate', default: 3e-4, min: 1e-8, max: 1, mayChange: true },
  warmup: { type: 'integer', description: 'steps without quantization at the start', default: 200, min: 0 },
  delay: { type: 'integer', description: 'steps before the discriminator begins', default: 5000, min: 0 },
  adversarial: { ...adversarialOptions.adversarial, default: 0.8 },
  discriminator: { ...adversarialOptions.discriminator, default: 'patch' },
  decay,
  half,
  optimizer,
  heldOut,
  validateSteps,
} as const satisfies OptionTable;

/** Choices of a run; `patch` has the sizes of the patch discriminator. */
export type VqganRecipeOptions = OptionsGiven<typeof vqganOptions> & { readonly patch?: PatchDiscriminatorOptions };

/** What gradients move. */
export interface VqganModel extends VqganParams, CodedModel {}

/** The training state. */
export type VqganState = CodedState<VqganModel>;

/** Grey as three equal colours, as networks and LPIPS take them. */
function colours(x: Tensor): Tensor {
  return x.shape[3] === 1 ? concat([x, x, x], 3) : x;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING`, `IMAGE_UNREADABLE` */
export async function vqganRecipe({ patch, ...given }: VqganRecipeOptions): Promise<Recipe<VqganState, LpipsParams>> {
  const options = completeOptions('vqgan', vqganOptions, given);
  const { data, steps, batch, codes, channels, multipliers, blocks } = options;
  const { parts, depth, levels, bits, dimension: _, follow, ...own } = options;
  const spec = quantizerSpec(options);
  const layerOf = ({ decoder }: VqganModel): unknown => Object.values(decoder).at(-1);
  const training = codedTraining<VqganModel>({ ...options, spec, patch, layerOf });
  const { quantizer, phase } = training;
  const { dimension } = quantizer;
  const networkOptions: VqganOptions = { dimension, channels, multipliers, blocks, groups: divisor(channels, 32) };
  const network = vqgan(networkOptions);
  const { scale } = network;
  // SqueezeNet takes no less than 17 pixels, also of half the image.
  const smallest = options.half > 0 ? 40 : 20;
  const images = await openImageSet({
    name: 'vqgan',
    data,
    heldOut: own.heldOut,
    crop: own.crop,
    batch,
    scale,
    smallest,
  });
  const [height, width] = images.size;
  const scores = heldOutScores((state: Pick<VqganState, 'model' | 'quantizer'>, x) => {
    const indices = quantizer.encode(codesOf(state), network.encode(state.model.encoder, x));
    return { xHat: network.decode(state.model.decoder, quantizer.decode(codesOf(state), indices)), indices };
  }, colours);

  return {
    name: 'vqgan',
    identity: {
      ...identityOf(vqganOptions, own),
      ...{ quantizer: spec, images: [images.count, height, width], patch },
      // by averages as before there was a choice: those runs go on
      ...(follow !== 'averages' && { follow }),
    },
    steps,
    schedule: runSchedule(options),
    phase,
    init: async (backend, seed) =>
      training.init(backend, seed, network.init(backend, seed), quantizer.init(backend, seed)),
    constants: (backend) => loadLpips(backend, options.lpipsWeights, { backbone: 'squeeze' }),
    step: (name, state, { batch: pixels, ...inputs }, lpips) => {
      const x = colours(pixels);
      return training.step(name, state, x, inputs, lpips, ({ encoder, decoder }, code) => {
        const coded = code(network.encode(encoder, x));
        return { ...coded, xHat: network.decode(decoder, coded.zQ) };
      });
    },
    before: (at, state, source) =>
      training.start(at, state, source, {
        imagesOf: (pixels) => pixels,
        encode: ({ encoder }, pixels) => network.encode(encoder, colours(pixels)),
        codes,
        vectors: (batch * height * width) / scale ** 2,
      }),
    open: (seed) => images.open(batch, seed),
    validation: {
      every: options.validateSteps,
      measure: async ({ average, quantizer: held }, at, lpips) =>
        at > options.warmup ? scores.measure({ model: average, quantizer: held }, images.heldOut, lpips) : undefined,
      dispose: scores.dispose,
    },
    publish: async ({ average, quantizer: held }) => {
      const { encoder, decoder, quantizer: learned } = average;
      const model = { architecture: 'vqgan', options: networkOptions, encoder, decoder };
      return packModel({ ...model, spec, quantizer, params: held ?? learned });
    },
  };
}
