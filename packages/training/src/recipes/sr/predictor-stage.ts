/** What the two stages of the predictor share: the frozen tokenizer, data, validation, and what they publish. */
import { type Backend, cast, clone, disposeTree, equal, mapTree, mean, type Tensor, tensorsOf } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import {
  likeliestIndices,
  type TexturePredictorOptions,
  type TexturePredictorParams,
  texturePredictor,
  textureTokenizer,
} from '@vqkit/models';
import { packWeights } from '@vqkit/tokenizer';
import { openPairFolder } from '../../data/photo-folder.ts';
import type { OptionTable, OptionValues } from '../../table/options.ts';
import { type Learned, learner } from '../photo/learner.ts';
import { photoRun } from '../photo/photo-run.ts';
import { followingQuantizer, publishedParams } from '../quantizers.ts';
import { readStageTensors } from '../stage-file.ts';
import { readSrInfo, type SrInfo, type SrWeights, writeSr } from './sr-file.ts';
import { commonSrOptions } from './sr-options.ts';

/** Options of both stages. */
export const predictorOptions = {
  ...commonSrOptions,
  from: { type: 'file', description: 'what the stage before published', isNeeded: true, mayChange: true },
} as const satisfies OptionTable;

/** The training state of the predictor. */
export interface PredictorState extends Learned<TexturePredictorParams> {
  readonly predictor: TexturePredictorParams;
}

/** What stays as it is. */
export interface PredictorConstants {
  readonly lpips: LpipsParams;
  readonly frozen: Pick<SrWeights, 'model' | 'quantizer'>;
}

/**
 * Opens the stage before.
 *
 * @param sizes  Of a fresh predictor; a file that has one keeps its own.
 * @throws TrainingError `DATA_MISSING`
 */
export async function predictorStage(
  options: OptionValues<typeof predictorOptions>,
  before: 'sr-tokenizer' | 'sr-predictor',
  sizes: Omit<TexturePredictorOptions, 'codes'> = {},
) {
  const { from, steps } = options;
  const found = await readSrInfo(from, before);
  const model = textureTokenizer(found.model);
  const { quantizer } = followingQuantizer(found.quantizer);
  const info: SrInfo = { predictor: { ...sizes, codes: quantizer.codebookSizes }, ...found };
  const predictor = texturePredictor(model, info.predictor!);
  const learn = learner<TexturePredictorParams>(options.optimizer);
  const hasSkip = model.options.skip > 0;
  type Validated = SrWeights & { readonly predictor: TexturePredictorParams };

  const restore = ({ predictor: own, model: params, quantizer: codes }: Validated, x: Tensor, small?: Tensor) => {
    const { logits, base } = predictor.apply(own, params, small!);
    const indices = likeliestIndices(logits);
    const wanted = quantizer.encode(codes, model.encode(params, x).texture);
    const accuracy = mean(cast(equal(indices, wanted), 'f32'));
    const xHat = model.decode(params, quantizer.decode(codes, indices), base, hasSkip ? small : undefined);
    return { xHat, indices, scores: { accuracy } };
  };
  const run = photoRun(options, restore, info.degradation);

  // Quantizers without parameters leave nothing in a file.
  const load = async (backend: Backend): Promise<SrWeights> => ({
    quantizer: {},
    ...(await readStageTensors<Omit<SrWeights, 'quantizer'>>(backend, from)),
  });
  return {
    info,
    model,
    quantizer,
    predictor,
    learn,
    /** The small image where the decoder sees it. */
    seen: (small: Tensor): Tensor | undefined => (hasSkip ? small : undefined),
    shared: {
      steps,
      schedule: run.schedule(100),
      init: async (backend: Backend, seed: number): Promise<PredictorState> => {
        const weights = await load(backend);
        const start = weights.predictor ? mapTree(weights.predictor, clone) : predictor.init(backend, seed);
        disposeTree(weights);
        return { predictor: start, ...learn.init(start) };
      },
      constants: async (backend: Backend): Promise<PredictorConstants> => {
        const { model: params, quantizer: codes, predictor: own } = await load(backend);
        disposeTree(own);
        return { lpips: await run.loadLpips(backend), frozen: { model: params, quantizer: codes } };
      },
      open: async (seed: number) => openPairFolder({ ...(await run.crops(seed)), degradation: info.degradation }),
      validation: run.validation(({ average }: PredictorState, _, { frozen }: PredictorConstants) => ({
        ...frozen,
        predictor: average,
      })),
      /** The file that training goes on from, and a weights package of what an enlargement needs. */
      publish: async ({ average }: PredictorState) => {
        const weights = await load(tensorsOf(average)[0]!.backend);
        const { model: params, quantizer: codes } = weights;
        const { base, decoder } = params;
        const manifest = {
          id: info.degradation === 'bicubic' ? 'sr-x4' : 'sr-real',
          architecture: 'tvq-rap',
          options: { model: model.options, predictor: info.predictor },
          quantizer: info.quantizer,
        };
        const published = publishedParams(quantizer, codes);
        const packed = await packWeights({
          manifest,
          encoder: average,
          decoder: { decoder, ...(base && { base }) },
          quantizer: published,
        });
        const whole = await writeSr({ model: params, quantizer: codes, predictor: average }, info);
        disposeTree([weights, published]);
        return { 'sr-model.safetensors': whole, ...packed };
      },
    },
  };
}
