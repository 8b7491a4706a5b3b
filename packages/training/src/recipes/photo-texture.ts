/**
 * The third stage of the default weights: encoder and codebooks stay as they are, and the decoder learns texture from a
 * discriminator besides L1 and LPIPS, at all rates. It starts from published weights and publishes weights of the same
 * form, so it can be run again and again; files that exist already keep their meaning.
 *
 * @see Esser et al. 2021, arXiv:2012.09841, for the adversarial loss and its weight
 */
import {
  type AdamState,
  adam,
  add,
  clipByGlobalNorm,
  clone,
  concat,
  cosineSchedule,
  disposeTree,
  emaUpdate,
  mapTree,
  mean,
  meanAbsoluteError,
  mul,
  slice,
  split,
  sum,
  type Tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { loadLpips, lpips } from '@vqkit/metrics';
import {
  adaptiveWeight,
  generatorLoss,
  hingeLoss,
  type PatchDiscriminatorOptions,
  type PhotoTokenizerParams,
  patchDiscriminator,
  photoTokenizer,
  type SequentialParams,
} from '@vqkit/models';
import { openPhotoFolder } from '../data/photo-folder.ts';
import type { Recipe } from '../loop/recipe.ts';
import { averageDecay } from './average-decay.ts';
import { codeAtRates, rateParts } from './code-at-rates.ts';
import type { PhotoRatesConstants, PhotoRatesOptions } from './photo-rates.ts';
import { blendDecoder, readPublishedWeights, tableOfCodebooks } from './published-weights.ts';
import { randomPhase } from './random-phase.ts';

/** Choices of a third-stage run; `from` is what the recipe `photo-rates` or this one published. */
export interface PhotoTextureOptions extends Omit<PhotoRatesOptions, 'sizes'> {
  /** Sizes of the discriminator. Default: 32 channels, 3 layers. */
  readonly discriminator?: PatchDiscriminatorOptions;
  /** Steps in which the discriminator learns alone. Default 200. */
  readonly delay?: number;
  /** Length of the adversarial gradient relative to that of L1 and LPIPS, at the last layer. Default 0.4. */
  readonly weight?: number;
  /** Share of the trained decoder in what is published, the rest being that of `from`; 0 to 1. Default 0.65. */
  readonly share?: number;
}

type Decoder = PhotoTokenizerParams['decoder'];

/** The training state. */
export interface PhotoTextureState {
  readonly decoder: Decoder;
  readonly average: Decoder;
  readonly optimizer: AdamState<Decoder>;
  readonly discriminator: SequentialParams;
  readonly discriminatorOptimizer: AdamState<SequentialParams>;
}

/** The discriminator learns faster than the decoder, or it would never be sure. */
const judgeHaste = 3;

/** Makes the recipe. */
export function photoTextureRecipe(options: PhotoTextureOptions): Recipe<PhotoTextureState, PhotoRatesConstants> {
  const { data, lpipsWeights, from, steps, batch = 12, crop = 128, rate = 1.5e-4, delay = 200 } = options;
  const { weight = 0.4, share = 0.65 } = options;
  const network = photoTokenizer(options.network);
  const judge = patchDiscriminator({ channels: 32, ...options.discriminator });
  const optimizer = adam<Decoder>({ beta2: 0.99 });
  const judgeOptimizer = adam<SequentialParams>({ beta1: 0.5, beta2: 0.99 });
  const perceptual = lpips({ backbone: 'squeeze' });
  const score = (params: SequentialParams, ...images: Tensor[]): Tensor[] =>
    split(
      judge.apply(params, concat(images, 0)),
      images.map(({ shape }) => shape[0]!),
      0,
    );

  return {
    name: 'photo-texture',
    batchShape: [batch, crop, crop, 3],
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 50 }),
    phase: (step) => (step < delay ? 'delay' : 'texture'),
    init: async (backend, seed) => {
      const { encoder, decoder, codebooks } = await readPublishedWeights(backend, from);
      disposeTree([encoder, codebooks]);
      const discriminator = judge.init(backend, seed);
      return {
        decoder,
        average: mapTree(decoder, (x) => clone(x)) as Decoder,
        optimizer: optimizer.init(decoder),
        discriminator,
        discriminatorOptimizer: judgeOptimizer.init(discriminator),
      };
    },
    constants: async (backend) => {
      const published = await readPublishedWeights(backend, from);
      const books = tableOfCodebooks(published);
      disposeTree([published.decoder, published.codebooks]);
      return {
        lpips: await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }),
        encoder: published.encoder,
        books,
      };
    },
    step: (phase, state, { batch: x, rate: now, key }, { lpips: weights, encoder, books }) => {
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const xHat = network.decode(state.decoder, zQ);
      // Both losses are differentiated down to the pixels; from there one pass goes through the decoder.
      const likeness = valueAndGrad((y: Tensor) => {
        const l1 = meanAbsoluteError(y, x);
        const distances = perceptual(weights, ...(randomPhase([y, x], key) as [Tensor, Tensor]));
        const lpipsFull = mean(slice(distances, [0], { size: [batch / rateParts] }));
        return { loss: add(l1, mean(distances)), aux: { l1, lpips: mean(distances), lpipsFull } };
      })(xHat);
      const texture = valueAndGrad((y: Tensor) =>
        generatorLoss(score(state.discriminator, ...randomPhase([y], key))[0]!),
      )(xHat);
      // Lengths are compared at the last layer. At the pixels they say little: what L1 and LPIPS want cancels out over
      // a picture much more than what the discriminator wants.
      const layers: Readonly<Record<string, unknown>> = { ...state.decoder };
      const last = Object.keys(layers).at(-1)!;
      const atLastLayer = (direction: Tensor): unknown =>
        pullBack(
          (layer) => network.decode({ ...layers, [last]: layer } as unknown as Decoder, zQ),
          layers[last],
          direction,
        );
      const lengths = [likeness, texture].map(({ gradients }) => atLastLayer(gradients));
      const factor = adaptiveWeight(lengths[0], lengths[1], { factor: weight });
      const direction =
        phase === 'delay' ? likeness.gradients : add(likeness.gradients, mul(texture.gradients, factor));
      const gradients = pullBack((decoder) => network.decode(decoder, zQ), state.decoder, direction);
      const clipped = clipByGlobalNorm(gradients, 1);
      const updated = optimizer.update(state.decoder, clipped.gradients, state.optimizer, now);

      const judged = valueAndGrad((params: SequentialParams) => {
        const [real, fake] = score(params, ...randomPhase([x, xHat], key)) as [Tensor, Tensor];
        return hingeLoss(real, fake);
      })(state.discriminator);
      const haste = mul(now, judgeHaste);
      const taught = judgeOptimizer.update(state.discriminator, judged.gradients, state.discriminatorOptimizer, haste);
      return {
        state: {
          decoder: updated.params,
          optimizer: updated.state,
          average: emaUpdate(state.average, updated.params, averageDecay(updated.state.step)),
          discriminator: taught.params,
          discriminatorOptimizer: taught.state,
        },
        metrics: {
          loss: likeness.value,
          ...likeness.aux,
          score: texture.value,
          factor,
          hinge: judged.value,
          norm: clipped.norm,
        },
      };
    },
    open: (seed) => openPhotoFolder({ folder: data, batch, seed: seed + 2, size: crop }),
    publish: async ({ average }) => ({
      'weights.safetensors': await blendDecoder(from, average, share, tensorsOf(average)[0]!.backend),
    }),
  };
}

/** The gradient of params from the gradient of what `fn` makes of them. */
function pullBack<P>(fn: (params: P) => Tensor, params: P, direction: Tensor): P {
  return valueAndGrad((p: P) => sum(mul(fn(p), direction)))(params).gradients;
}
