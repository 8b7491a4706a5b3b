/**
 * The second stage of the default weights: encoder and codebook are frozen, smaller codebooks are derived, and the
 * decoder goes on learning from pictures coded at all rates. Files that exist already keep their meaning, only the
 * pictures get better.
 */
import { readFile } from 'node:fs/promises';
import {
  type AdamState,
  adam,
  add,
  type Backend,
  clipByGlobalNorm,
  clone,
  cosineSchedule,
  disposeTree,
  emaUpdate,
  loadTree,
  mapTree,
  mean,
  meanAbsoluteError,
  saveTree,
  slice,
  type Tensor,
  tensorsOf,
  tidy,
  valueAndGrad,
} from '@vqkit/core';
import { type LpipsParams, loadLpips, lpips } from '@vqkit/metrics';
import { type PhotoTokenizerOptions, type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import { openPhotoFolder } from '../data/photo-folder.ts';
import type { Recipe } from '../loop/recipe.ts';
import { averageDecay } from './average-decay.ts';
import { codeAtRates, rateParts } from './code-at-rates.ts';
import type { PhotoWeights } from './photo.ts';
import { randomPhase } from './random-phase.ts';
import { rateCodebooks, stackCodebooks } from './rate-codebooks.ts';

/** Choices of a second-stage run. */
export interface PhotoRatesOptions {
  readonly data: string;
  readonly lpipsWeights: string;
  /** What the recipe `photo` published. */
  readonly from: string;
  readonly steps: number;
  /** Sizes of the networks, as in the run that `from` comes from. */
  readonly network?: PhotoTokenizerOptions;
  /** Crops per step, a multiple of 3. Default 12. */
  readonly batch?: number;
  /** Default 128. */
  readonly crop?: number;
  /** Peak learning rate. Default 2e-4, in the third stage 1.5e-4. */
  readonly rate?: number;
  /** Sizes of the smaller codebooks. Default 1024, 512, … 8. */
  readonly sizes?: readonly number[];
}

type Decoder = PhotoTokenizerParams['decoder'];

/** The training state: the decoder alone learns. */
export interface PhotoRatesState {
  readonly decoder: Decoder;
  readonly average: Decoder;
  readonly optimizer: AdamState<Decoder>;
}

/** What stays fixed. */
export interface PhotoRatesConstants {
  readonly lpips: LpipsParams;
  readonly encoder: PhotoTokenizerParams['encoder'];
  /** f32 `[books, K, D]`, the full codebook first. */
  readonly books: Tensor;
}

/** Makes the recipe. */
export function photoRatesRecipe(options: PhotoRatesOptions): Recipe<PhotoRatesState, PhotoRatesConstants> {
  const { data, lpipsWeights, from, steps, batch = 12, crop = 128, rate = 2e-4 } = options;
  const { sizes = [1024, 512, 256, 128, 64, 32, 16, 8] } = options;
  const network = photoTokenizer(options.network);
  const optimizer = adam<Decoder>({ beta2: 0.99 });
  const perceptual = lpips({ backbone: 'squeeze' });
  const load = async (backend: Backend): Promise<PhotoWeights> =>
    (await loadTree(backend, new Uint8Array(await readFile(from)))).tree as PhotoWeights;
  const booksOf = ({ codebook, average }: PhotoWeights['quantizer']): Promise<Tensor[]> =>
    rateCodebooks(codebook, { sizes, counts: average?.counts });

  return {
    name: 'photo-rates',
    batchShape: [batch, crop, crop, 3],
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 50 }),
    phase: () => 'rates',
    init: async (backend) => {
      const { model, quantizer } = await load(backend);
      disposeTree([model.encoder, quantizer]);
      const { decoder } = model;
      return { decoder, average: mapTree(decoder, (x) => clone(x)) as Decoder, optimizer: optimizer.init(decoder) };
    },
    constants: async (backend) => {
      const { model, quantizer } = await load(backend);
      const books = await booksOf(quantizer);
      const table = tidy(() => stackCodebooks(books));
      disposeTree([model.decoder, quantizer, books]);
      return {
        lpips: await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }),
        encoder: model.encoder,
        books: table,
      };
    },
    step: (_, state, { batch: x, rate: now, key }, { lpips: weights, encoder, books }) => {
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const { value, gradients, aux } = valueAndGrad((decoder: Decoder) => {
        const xHat = network.decode(decoder, zQ);
        const l1 = meanAbsoluteError(xHat, x);
        const distances = perceptual(weights, ...(randomPhase([xHat, x], key) as [Tensor, Tensor]));
        return {
          loss: add(l1, mean(distances)),
          aux: { l1, lpips: mean(distances), lpipsFull: mean(slice(distances, [0], { size: [batch / rateParts] })) },
        };
      })(state.decoder);
      const clipped = clipByGlobalNorm(gradients, 1);
      const updated = optimizer.update(state.decoder, clipped.gradients, state.optimizer, now);
      return {
        state: {
          decoder: updated.params,
          optimizer: updated.state,
          average: emaUpdate(state.average, updated.params, averageDecay(updated.state.step)),
        },
        metrics: { loss: value, ...aux, norm: clipped.norm },
      };
    },
    open: (seed) => openPhotoFolder({ folder: data, batch, seed: seed + 1, size: crop }),
    publish: async ({ average }) => {
      const { backend } = tensorsOf(average)[0]!;
      const { model, quantizer } = await load(backend);
      const books = await booksOf(quantizer);
      const codebooks = Object.fromEntries(books.map((book) => [String(book.shape[0]), book]));
      const bytes = await saveTree({ encoder: model.encoder, decoder: average, codebooks }, { precision: 'f16' });
      disposeTree([model, quantizer, books]);
      return { 'weights.safetensors': bytes };
    },
  };
}
