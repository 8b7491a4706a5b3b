/**
 * What the later stages of the default weights share: encoder and codebooks stay as they are, and the decoder goes on
 * learning. Files that exist already keep their meaning, only the pictures get better.
 */
import {
  type Backend,
  disposeTree,
  gather,
  mean,
  nearestCode,
  reshape,
  slice,
  type Tensor,
  tensorsOf,
} from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import { type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import type { WeightsFiles } from '@vqkit/tokenizer';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import { TrainingError } from '../../errors.ts';
import type { OptionTable, OptionValues } from '../../table/options.ts';
import { rateParts } from './code-at-rates.ts';
import { type Learned, learner } from './learner.ts';
import { likeness } from './likeness.ts';
import { commonPhotoOptions } from './photo-options.ts';
import { photoRun } from './photo-run.ts';
import { type PublishedInfo, type PublishedWeights, publishedFiles, tableOfCodebooks } from './published-weights.ts';

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

/** What a stage starts from. */
export interface DecoderStageStart {
  readonly info: PublishedInfo;
  /** The weights to start from, with all codebooks; the caller disposes them. */
  load(backend: Backend): Promise<PublishedWeights>;
}

/** The parts of a recipe that do not depend on the stage. @throws TrainingError `OPTION_INVALID` for codes that are found by another metric than L2. */
export function decoderStage(options: OptionValues<typeof decoderStageOptions>, { info, load }: DecoderStageStart) {
  if (info.metric !== 'l2') {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `expected weights whose codes are found by l2, got ${info.metric}`,
      fix: 'Nested codebooks are searched by l2: train the recipe photo with that metric',
    });
  }
  const network = photoTokenizer(info.network);
  const learn = learner<Decoder>(options.optimizer);
  const alike = likeness(options.half);
  type Restored = Omit<DecoderConstants, 'lpips'> & { readonly decoder: Decoder };
  const run = photoRun<Restored>(options, ({ encoder, books, decoder }, x) => {
    const [, codes, dimension] = books.shape as [number, number, number];
    const full = reshape(slice(books, [], { size: [1, codes, dimension] }), [codes, dimension]);
    const { indices } = nearestCode(network.encode(encoder, x), full);
    return { xHat: network.decode(decoder, gather(full, indices)), indices };
  });
  return {
    network,
    learn,
    /** Loss of a restored batch, and its metrics; `lpipsFull` is that of the part that the full codebook coded. */
    judge: ({ lpips }: DecoderConstants, xHat: Tensor, x: Tensor, key: Tensor) => {
      const { loss, metrics, distances } = alike(lpips, xHat, x, key);
      const full = slice(distances, [0], { size: [options.batch / rateParts] });
      return { loss, metrics: { ...metrics, lpipsFull: mean(full) } };
    },
    shared: {
      steps: options.steps,
      schedule: run.schedule(50),
      init: async (backend: Backend): Promise<DecoderState> => {
        const { encoder, decoder, codebooks } = await load(backend);
        disposeTree([encoder, codebooks]);
        return { decoder, ...learn.init(decoder) };
      },
      constants: async (backend: Backend): Promise<DecoderConstants> => {
        const weights = await load(backend);
        const books = tableOfCodebooks(weights);
        disposeTree([weights.decoder, weights.codebooks]);
        return { lpips: await run.loadLpips(backend), encoder: weights.encoder, books };
      },
      // A stage's own batches, also where its seed is that of the stage before.
      open: async (seed: number) => openPhotoFolder(await run.crops(seed + 1)),
      validation: run.validation(({ average }: DecoderState, _, { encoder, books }: DecoderConstants) => ({
        encoder,
        books,
        decoder: average,
      })),
      /** @param finished  The decoder to publish; what it is blended with comes as the second argument. */
      publish: async (
        { average }: DecoderState,
        finished: (average: Decoder, before: Decoder) => Decoder = (own) => own,
      ): Promise<WeightsFiles> => {
        const weights = await load(tensorsOf(average)[0]!.backend);
        const decoder = finished(average, weights.decoder);
        const files = await publishedFiles({ ...weights, decoder }, info);
        disposeTree(decoder === average ? weights : [weights, decoder]);
        return files;
      },
    },
  };
}
