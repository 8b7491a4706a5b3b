/**
 * What the later stages of the default weights share: encoder and codebooks stay as they are, and the decoder goes on
 * learning. Files that exist already keep their meaning, only the pictures get better.
 */
import {
  type Backend,
  cosineSchedule,
  disposeTree,
  gather,
  nearestCode,
  reshape,
  type Schedule,
  slice,
  type Tensor,
} from '@vqkit/core';
import { type LpipsParams, loadLpips } from '@vqkit/metrics';
import { type PhotoTokenizer, type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import type { BatchSource } from '../../data/batch-source.ts';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import { TrainingError } from '../../errors.ts';
import type { Recipe } from '../../loop/recipe.ts';
import type { OptionTable, OptionValues } from '../../table/options.ts';
import { rateParts } from './code-at-rates.ts';
import { heldOut } from './held-out.ts';
import { type Learned, type Learner, learner } from './learner.ts';
import { commonPhotoOptions } from './photo-options.ts';
import { type PublishedInfo, type PublishedWeights, tableOfCodebooks } from './published-weights.ts';

/** Options of the later stages. */
export const decoderStageOptions = {
  ...commonPhotoOptions,
  batch: {
    type: 'integer',
    description: 'crops per step',
    default: 12,
    min: rateParts,
    multipleOf: rateParts,
  },
  from: { type: 'file', description: 'what the stage before published', isNeeded: true, mayChange: true },
  rate: { type: 'number', description: 'peak learning rate', default: 2e-4, min: 1e-8, max: 1, mayChange: true },
} as const satisfies OptionTable;

/** Parameters that these stages learn. */
export type Decoder = PhotoTokenizerParams['decoder'];

/** The training state: the decoder alone learns. */
export interface DecoderState extends Learned<Decoder> {
  readonly decoder: Decoder;
}

/** What stays fixed. */
export interface DecoderConstants {
  readonly lpips: LpipsParams;
  readonly encoder: PhotoTokenizerParams['encoder'];
  /** f32 `[books, K, D]`, the full codebook first. */
  readonly books: Tensor;
}

/** The parts of a recipe that do not depend on the stage. */
export interface DecoderStage {
  readonly network: PhotoTokenizer;
  readonly learn: Learner<Decoder>;
  readonly schedule: Schedule;
  init(backend: Backend): Promise<DecoderState>;
  constants(backend: Backend): Promise<DecoderConstants>;
  open(seed: number): Promise<BatchSource>;
  readonly validation: Recipe<DecoderState, DecoderConstants>['validation'];
}

/** What a stage starts from. */
export interface DecoderStageStart {
  readonly info: PublishedInfo;
  /** The weights to start from, with all codebooks; the caller disposes them. */
  load(backend: Backend): Promise<PublishedWeights>;
}

/** Makes the shared parts. @throws TrainingError `OPTION_INVALID` for codes that are found by another metric than L2. */
export function decoderStage(
  options: OptionValues<typeof decoderStageOptions>,
  { info, load }: DecoderStageStart,
): DecoderStage {
  const { data, lpipsWeights, heldOut: file, steps, batch, crop, drawn, rate, decay } = options;
  if (info.metric !== 'l2') {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `expected weights whose codes are found by l2, got ${info.metric}`,
      fix: 'Nested codebooks are searched by l2: train the recipe photo with that metric',
    });
  }
  const network = photoTokenizer(info.network);
  const learn = learner<Decoder>(options.optimizer);
  const held =
    file === undefined
      ? undefined
      : heldOut<Omit<DecoderConstants, 'lpips'> & { readonly decoder: Decoder }>({
          folder: data,
          file,
          lpipsWeights,
          restore: ({ encoder, books, decoder }, x) => {
            const [, codes, dimension] = books.shape as [number, number, number];
            const full = reshape(slice(books, [], { size: [1, codes, dimension] }), [codes, dimension]);
            const { indices } = nearestCode(network.encode(encoder, x), full);
            return { xHat: network.decode(decoder, gather(full, indices)), indices };
          },
        });
  return {
    network,
    learn,
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 50, decay: decay * steps }),
    init: async (backend) => {
      const { encoder, decoder, codebooks } = await load(backend);
      disposeTree([encoder, codebooks]);
      return { decoder, ...learn.init(decoder) };
    },
    constants: async (backend) => {
      const weights = await load(backend);
      const books = tableOfCodebooks(weights);
      disposeTree([weights.decoder, weights.codebooks]);
      const lpips = await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' });
      return { lpips, encoder: weights.encoder, books };
    },
    // A stage's own batches, also where its seed is that of the stage before.
    open: async (seed) =>
      openPhotoFolder({ folder: data, batch, seed: seed + 1, size: crop, drawn, without: (await held?.names()) ?? [] }),
    validation: held && {
      every: options.validateSteps,
      measure: ({ average }, _, { encoder, books }) => held.measure({ encoder, books, decoder: average }),
      dispose: held.dispose,
    },
  };
}
