/**
 * The third stage of the default weights: encoder and codebooks stay as they are, and the decoder learns texture from a
 * discriminator besides L1 and LPIPS, at all rates. It starts from published weights and publishes weights of the same
 * form, so it can be run again and again; files that exist already keep their meaning.
 *
 * @see Esser et al. 2021, arXiv:2012.09841, for the adversarial loss and its weight
 */
import { readFile } from 'node:fs/promises';
import {
  type AdamState,
  adam,
  add,
  type Backend,
  clipByGlobalNorm,
  clone,
  concat,
  cosineSchedule,
  disposeTree,
  emaUpdate,
  loadTree,
  mapTree,
  mean,
  meanAbsoluteError,
  mul,
  saveTree,
  slice,
  split,
  stopGradient,
  sum,
  type Tensor,
  tensorsOf,
  tidy,
  valueAndGrad,
} from '@vqkit/core';
import { type LpipsParams, loadLpips, lpips } from '@vqkit/metrics';
import {
  adaptiveWeight,
  generatorLoss,
  hingeLoss,
  type PatchDiscriminatorOptions,
  type PhotoTokenizerOptions,
  type PhotoTokenizerParams,
  patchDiscriminator,
  photoTokenizer,
  type SequentialParams,
} from '@vqkit/models';
import { openPhotoFolder } from '../data/photo-folder.ts';
import type { Recipe } from '../loop/recipe.ts';
import { averageDecay } from './average-decay.ts';
import { codeAtRates, rateParts } from './code-at-rates.ts';
import { randomPhase } from './random-phase.ts';
import { stackCodebooks } from './rate-codebooks.ts';

/** What the recipes `photo-rates` and `photo-texture` publish, and `@vqkit/weights-photo` ships. */
export interface PublishedWeights extends PhotoTokenizerParams {
  /** f32 `[K, D]` by K in decimal digits. */
  readonly codebooks: Readonly<Record<string, Tensor>>;
}

/** Choices of a third-stage run. */
export interface PhotoTextureOptions {
  readonly data: string;
  readonly lpipsWeights: string;
  /** Published weights (`weights.safetensors`). */
  readonly from: string;
  readonly steps: number;
  /** Sizes of the networks, as in the run that `from` comes from. */
  readonly network?: PhotoTokenizerOptions;
  /** Sizes of the discriminator. Default: 32 channels, 3 layers. */
  readonly discriminator?: PatchDiscriminatorOptions;
  /** Crops per step, a multiple of 3. Default 12. */
  readonly batch?: number;
  /** Default 128. */
  readonly crop?: number;
  /** Peak learning rate. Default 1.5e-4. */
  readonly rate?: number;
  /** Steps in which the discriminator learns alone. Default 200. */
  readonly delay?: number;
  /** Length of the adversarial gradient relative to that of L1 and LPIPS, at the last layer. Default 0.4. */
  readonly weight?: number;
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

/** What stays fixed. */
export interface PhotoTextureConstants {
  readonly lpips: LpipsParams;
  readonly encoder: PhotoTokenizerParams['encoder'];
  /** f32 `[books, K, D]`, the full codebook first. */
  readonly books: Tensor;
}

/** The discriminator learns faster than the decoder, or it would never be sure. */
const judgeHaste = 3;

/** Makes the recipe. */
export function photoTextureRecipe(options: PhotoTextureOptions): Recipe<PhotoTextureState, PhotoTextureConstants> {
  const { data, lpipsWeights, from, steps, batch = 12, crop = 128, rate = 1.5e-4, delay = 200, weight = 0.4 } = options;
  const network = photoTokenizer(options.network);
  const judge = patchDiscriminator({ channels: 32, ...options.discriminator });
  const optimizer = adam<Decoder>({ beta2: 0.99 });
  const judgeOptimizer = adam<SequentialParams>({ beta1: 0.5, beta2: 0.99 });
  const perceptual = lpips({ backbone: 'squeeze' });
  const load = async (backend: Backend): Promise<PublishedWeights> =>
    (await loadTree(backend, new Uint8Array(await readFile(from)))).tree as unknown as PublishedWeights;

  return {
    name: 'photo-texture',
    batchShape: [batch, crop, crop, 3],
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 50 }),
    phase: (step) => (step < delay ? 'delay' : 'texture'),
    init: async (backend, seed) => {
      const { encoder, decoder, codebooks } = await load(backend);
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
      const { encoder, decoder, codebooks } = await load(backend);
      const books = Object.values(codebooks).sort((a, b) => b.shape[0]! - a.shape[0]!);
      const table = tidy(() => stackCodebooks(books));
      disposeTree([decoder, books]);
      return { lpips: await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }), encoder, books: table };
    },
    step: (phase, state, { batch: x, rate: now, key }, { lpips: weights, encoder, books }) => {
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const score = (params: SequentialParams, ...images: Tensor[]): Tensor[] =>
        split(
          judge.apply(params, concat(images, 0)),
          images.map(({ shape }) => shape[0]!),
          0,
        );
      // The gradient of the decoder's last layer from that of the pixels. At the pixels themselves lengths say little:
      // what L1 and LPIPS want cancels out over a picture much more than what the discriminator wants.
      const layers: Readonly<Record<string, unknown>> = { ...state.decoder };
      const last = Object.keys(layers).at(-1)!;
      const atLastLayer = (pixelGradient: Tensor): unknown =>
        valueAndGrad((layer: unknown) => {
          const xHat = network.decode({ ...layers, [last]: layer } as unknown as Decoder, zQ);
          return sum(mul(xHat, pixelGradient));
        })(layers[last]).gradients;
      const { gradients, aux } = valueAndGrad((decoder: Decoder) => {
        const xHat = network.decode(decoder, zQ);
        const pixels = stopGradient(xHat);
        // Both losses are differentiated down to the pixels; from there one pass goes through the decoder.
        const likeness = valueAndGrad((y: Tensor) => {
          const l1 = meanAbsoluteError(y, x);
          const distances = perceptual(weights, ...(randomPhase([y, x], key) as [Tensor, Tensor]));
          const lpipsFull = mean(slice(distances, [0], { size: [batch / rateParts] }));
          return { loss: add(l1, mean(distances)), aux: { l1, lpips: mean(distances), lpipsFull } };
        })(pixels);
        const texture = valueAndGrad((y: Tensor) =>
          generatorLoss(score(state.discriminator, ...randomPhase([y], key))[0]!),
        )(pixels);
        const factor = adaptiveWeight(atLastLayer(likeness.gradients), atLastLayer(texture.gradients), {
          factor: weight,
        });
        const direction =
          phase === 'delay' ? likeness.gradients : add(likeness.gradients, mul(texture.gradients, factor));
        return {
          loss: sum(mul(xHat, stopGradient(direction))),
          aux: { pixels, metrics: { loss: likeness.value, ...likeness.aux, score: texture.value, factor } },
        };
      })(state.decoder);
      const clipped = clipByGlobalNorm(gradients, 1);
      const updated = optimizer.update(state.decoder, clipped.gradients, state.optimizer, now);

      const judged = valueAndGrad((params: SequentialParams) => {
        const [real, fake] = score(params, ...randomPhase([x, aux.pixels], key)) as [Tensor, Tensor];
        return hingeLoss(real, fake);
      })(state.discriminator);
      const taught = judgeOptimizer.update(
        state.discriminator,
        judged.gradients,
        state.discriminatorOptimizer,
        mul(now, judgeHaste),
      );
      return {
        state: {
          decoder: updated.params,
          optimizer: updated.state,
          average: emaUpdate(state.average, updated.params, averageDecay(updated.state.step)),
          discriminator: taught.params,
          discriminatorOptimizer: taught.state,
        },
        metrics: { ...aux.metrics, hinge: judged.value, norm: clipped.norm },
      };
    },
    open: (seed) => openPhotoFolder({ folder: data, batch, seed: seed + 2, size: crop }),
    publish: async ({ average }) => {
      const { backend } = tensorsOf(average)[0]!;
      const { encoder, decoder, codebooks } = await load(backend);
      const bytes = await saveTree({ encoder, decoder: average, codebooks }, { precision: 'f16' });
      disposeTree([encoder, decoder, codebooks]);
      return { 'weights.safetensors': bytes };
    },
  };
}
