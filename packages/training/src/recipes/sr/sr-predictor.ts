/**
 * The second stage of super-resolution: the predictor learns from codes what the frozen tokenizer finds in the large image:
 * the structure by regression, the texture by classification.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774, stage 2
 */
import {
  add,
  argmax,
  cast,
  crossEntropy,
  equal,
  mean,
  meanSquaredError,
  mul,
  split,
  squeeze,
  stopGradient,
  type Tensor,
  valueAndGrad,
} from '@vqkit/core';
import type { TexturePredictorOptions, TexturePredictorParams } from '@vqkit/models';
import type { ImagePairs } from '../../data/photo-folder.ts';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { type PredictorConstants, type PredictorState, predictorOptions, predictorStage } from './predictor-stage.ts';

/** Options of the recipe; `from` may also be what this recipe or `sr-rap` published, to go on from it. */
export const srPredictorOptions = {
  ...predictorOptions,
  steps: { ...predictorOptions.steps, default: 30_000 },
} as const satisfies OptionTable;

/** Choices of a run; `network` has the sizes of a fresh predictor. */
export type SrPredictorOptions = OptionsGiven<typeof srPredictorOptions> & {
  readonly network?: Omit<TexturePredictorOptions, 'codes'>;
};

// Weights of the official code: 1 for the structure, 0.5 for the texture.
const textureWeight = 0.5;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function srPredictorRecipe({
  network,
  ...given
}: SrPredictorOptions): Promise<Recipe<PredictorState, PredictorConstants, ImagePairs>> {
  const options = completeOptions('sr-predictor', srPredictorOptions, given);
  const { info, model, quantizer, predictor, learn, shared } = await predictorStage(options, 'sr-tokenizer', network);
  return {
    ...shared,
    name: 'sr-predictor',
    identity: { ...identityOf(srPredictorOptions, options), ...info },
    phase: () => 'codes',
    step: (_, state, { batch: { large, small }, rate }, { frozen }) => {
      const target = model.encode(frozen.model, large);
      const wanted = slotsOf(quantizer.encode(frozen.quantizer, target.texture));
      const { value, gradients, aux } = valueAndGrad((own: TexturePredictorParams) => {
        const { logits, structure } = predictor.apply(own, frozen.model, small);
        const texture = mul(
          logits.map((x, slot) => mean(crossEntropy(x, wanted[slot]!))).reduce(add),
          1 / logits.length,
        );
        const hits = logits.map((x, slot) => mean(cast(equal(argmax(x, -1), wanted[slot]!), 'f32'))).reduce(add);
        const metrics: Record<string, Tensor> = { texture, accuracy: stopGradient(mul(hits, 1 / logits.length)) };
        if (structure === undefined) return { loss: mul(texture, textureWeight), aux: metrics };
        metrics.structure = meanSquaredError(structure, stopGradient(target.structure!));
        return { loss: add(metrics.structure, mul(texture, textureWeight)), aux: metrics };
      })(state.predictor);
      const { params, learned, norm } = learn.update(state.predictor, gradients, state, rate);
      return { state: { predictor: params, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
  };
}

/** Indices of each slot: u32 `[N, h, w, S]` → S of `[N, h, w]`. */
function slotsOf(indices: Tensor): Tensor[] {
  return split(indices, new Array<number>(indices.shape[3]!).fill(1)).map((x) => squeeze(x, [3]));
}
