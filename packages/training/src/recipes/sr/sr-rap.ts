/**
 * The third stage of super-resolution, reconstruction-aware prediction: the predictor learns from images, through a
 * straight-through hard choice of codes; decoder and codebook stay. Whether it hits the tokenizer's codes no longer counts.
 *
 * The control is as many more steps of `sr-predictor`, from the same file.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774, stage 3
 */
import type { Tensor } from '@vqkit/core';
import { hardChoice, type TexturePredictorParams } from '@vqkit/models';
import type { ImagePairs } from '../../data/photo-folder.ts';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { judgeImages, steered } from '../adversarial-direction.ts';
import { adversarialOptions } from '../adversarial-options.ts';
import { type CriticState, critic } from '../critic.ts';
import { likeness } from '../photo/likeness.ts';
import { type PredictorConstants, type PredictorState, predictorOptions, predictorStage } from './predictor-stage.ts';

/** Options of the recipe; `from` is what `sr-predictor` or this one published. */
export const srRapOptions = {
  ...predictorOptions,
  ...adversarialOptions,
  steps: { ...predictorOptions.steps, default: 10_000 },
  rate: { ...predictorOptions.rate, default: 1e-4 },
  delay: { type: 'integer', description: 'steps in which the discriminator learns alone', default: 200, min: 0 },
} as const satisfies OptionTable;

/** Choices of a run. */
export type SrRapOptions = OptionsGiven<typeof srRapOptions>;

/** The training state. */
export interface SrRapState extends PredictorState {
  readonly critic: CriticState;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function srRapRecipe(given: SrRapOptions): Promise<Recipe<SrRapState, PredictorConstants, ImagePairs>> {
  const options = completeOptions('sr-rap', srRapOptions, given);
  const { info, model, quantizer, predictor, learn, seen, shared } = await predictorStage(options, 'sr-predictor');
  const alike = likeness(options.half);
  const opponent = critic(options.discriminator, quantizer.dimension);
  const { adversarial, delay } = options;
  return {
    ...shared,
    name: 'sr-rap',
    identity: { ...identityOf(srRapOptions, options), ...info },
    phase: (step) => (adversarial === 0 ? 'image' : step < delay ? 'delay' : 'adversarial'),
    init: async (backend, seed) => ({
      ...(await shared.init(backend, seed)),
      critic: opponent.init(backend, seed),
    }),
    step: (phase, state, { batch: { large: x, small }, rate, key }, { lpips, frozen }) => {
      const make = (own: TexturePredictorParams) => {
        const { logits, base } = predictor.apply(own, frozen.model, small);
        const zQ = hardChoice(quantizer, frozen.quantizer, logits);
        return { zQ, xHat: model.decode(frozen.model, zQ, base, seen(small)) };
      };
      // Lengths are compared where the logits are made, as in the official code.
      const layerOf = ({ head }: TexturePredictorParams): unknown => Object.values(head).at(-1);
      const network = { params: state.predictor, imageOf: (own: TexturePredictorParams) => make(own).xHat, layerOf };
      const { gradients, made, judged } = steered(make, state.predictor, ({ xHat, zQ }) => {
        const pull = (y: Tensor) => opponent.pull(state.critic, y, { lpips, codes: zQ, key });
        const discriminator = phase === 'adversarial' ? { pull, network, weight: adversarial } : undefined;
        return judgeImages(xHat, (y) => alike(lpips, y, x, key), discriminator);
      });
      const { params, learned, norm } = learn.update(state.predictor, gradients, state, rate);
      const inputs = { lpips, codes: made.zQ, key };
      const taught = phase === 'image' ? undefined : opponent.learn(state.critic, [x, made.xHat], inputs, rate);
      return {
        state: { predictor: params, ...learned, critic: taught?.state ?? state.critic },
        metrics: { ...judged.metrics, ...(taught && { hinge: taught.hinge }), norm },
      };
    },
  };
}
