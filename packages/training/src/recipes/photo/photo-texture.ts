/**
 * The third stage of the default weights: the decoder learns texture from a discriminator besides L1 and LPIPS, at all
 * rates. It starts from published weights and publishes weights of the same form, so it can be run again and again.
 *
 * @see Esser et al. 2021, arXiv:2012.09841, for the adversarial loss and its weight
 */
import {
  type AdamState,
  adam,
  disposeTree,
  emaUpdate,
  mean,
  mul,
  slice,
  type Tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { generatorLoss, hingeLoss, type PatchDiscriminatorOptions } from '@vqkit/models';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { adversarialDirection, pullBack } from '../adversarial-direction.ts';
import { codeAtRates, rateParts } from './code-at-rates.ts';
import {
  type Decoder,
  type DecoderConstants,
  type DecoderState,
  decoderStage,
  decoderStageOptions,
} from './decoder-stage.ts';
import { type JudgeParams, judge, judgeNames } from './judge.ts';
import { likeness } from './likeness.ts';
import { publishedFiles, readInfo, readPublished } from './published-weights.ts';
import { randomPhase } from './random-phase.ts';

/** Options of the recipe. */
export const photoTextureOptions = {
  ...decoderStageOptions,
  rate: { ...decoderStageOptions.rate, default: 1.5e-4 },
  discriminator: {
    type: 'choice',
    description: 'judges pixels, SqueezeNet features, or these with the codes',
    choices: judgeNames,
    default: 'patch',
  },
  delay: { type: 'integer', description: 'steps in which the discriminator learns alone', default: 200, min: 0 },
  weight: {
    type: 'number',
    description: 'length of the adversarial gradient relative to that of L1 and LPIPS, at the last layer',
    default: 0.4,
    min: 0,
    max: 10,
  },
  share: {
    type: 'number',
    description: 'share of the trained decoder in what is published, the rest being that of --from',
    default: 0.65,
    min: 0,
    max: 1,
    mayChange: true,
  },
} as const satisfies OptionTable;

/** Choices of a third-stage run; `from` is what the recipe `photo-rates` or this one published. */
export type PhotoTextureOptions = OptionsGiven<typeof photoTextureOptions> & {
  /** Sizes of the patch discriminator. Default: 32 channels, 3 layers. */
  readonly patch?: PatchDiscriminatorOptions;
};

/** The training state. */
export interface PhotoTextureState extends DecoderState {
  readonly discriminator: JudgeParams;
  readonly discriminatorOptimizer: AdamState<JudgeParams['trained']>;
}

/** The discriminator learns faster than the decoder, or it would never be sure. */
const judgeHaste = 3;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function photoTextureRecipe({
  patch,
  ...given
}: PhotoTextureOptions): Promise<Recipe<PhotoTextureState, DecoderConstants>> {
  const options = completeOptions('photo-texture', photoTextureOptions, given);
  const { from, steps, batch, discriminator, delay, weight, share, ...shared } = options;
  const info = await readInfo(from, 'photo-rates');
  const load = (backend: Parameters<typeof readPublished>[0]) => readPublished(backend, from, 'photo-rates');
  const { network, learn, ...stage } = decoderStage({ ...shared, from, steps, batch }, { info, load });
  const critic = judge(discriminator, network.dimension, patch);
  const criticOptimizer = adam<JudgeParams['trained']>({ beta1: 0.5, beta2: 0.99 });
  const alike = likeness(options.half);

  return {
    ...stage,
    name: 'photo-texture',
    identity: { ...identityOf(photoTextureOptions, options), ...info, patch },
    steps,
    phase: (step) => (step < delay ? 'delay' : 'texture'),
    init: async (backend, seed) => {
      const params = critic.init(backend, seed);
      return {
        ...(await stage.init(backend)),
        discriminator: params,
        discriminatorOptimizer: criticOptimizer.init(params.trained),
      };
    },
    step: (phase, state, { batch: x, rate, key }, { lpips, encoder, books }) => {
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const xHat = network.decode(state.decoder, zQ);
      // Both losses are differentiated down to the pixels; from there one pass goes through the decoder.
      const likely = valueAndGrad((y: Tensor) => {
        const { loss, metrics, distances } = alike(lpips, y, x, key);
        return { loss, aux: { ...metrics, lpipsFull: mean(slice(distances, [0], { size: [batch / rateParts] })) } };
      })(xHat);
      const texture = valueAndGrad((y: Tensor) =>
        generatorLoss(critic.scores(state.discriminator, lpips, randomPhase([y], key), zQ)[0]!),
      )(xHat);
      const layers: Readonly<Record<string, unknown>> = { ...state.decoder };
      const last = Object.keys(layers).at(-1)!;
      const layer = {
        params: layers[last],
        imageOf: (own: unknown) => network.decode({ ...layers, [last]: own } as unknown as Decoder, zQ),
      };
      const both = adversarialDirection(likely.gradients, texture.gradients, layer, weight);
      const direction = phase === 'delay' ? likely.gradients : both.direction;
      const gradients = pullBack((decoder) => network.decode(decoder, zQ), state.decoder, direction);
      const { params, learned, norm } = learn.update(state.decoder, gradients, state, rate);

      const { trained, fixed } = state.discriminator;
      const judged = valueAndGrad((own: JudgeParams['trained']) => {
        const [real, fake] = critic.scores({ trained: own, fixed }, lpips, randomPhase([x, xHat], key), zQ);
        return hingeLoss(real!, fake!);
      })(trained);
      const haste = mul(rate, judgeHaste);
      const taught = criticOptimizer.update(trained, judged.gradients, state.discriminatorOptimizer, haste);
      return {
        state: {
          decoder: params,
          ...learned,
          discriminator: { trained: taught.params, fixed },
          discriminatorOptimizer: taught.state,
        },
        metrics: {
          loss: likely.value,
          ...likely.aux,
          score: texture.value,
          factor: both.factor,
          hinge: judged.value,
          norm,
        },
      };
    },
    // Between a faithful decoder and one that learned texture from a discriminator lie better ones than either: Wang et
    // al. 2018, arXiv:1809.00219, section 3.4.
    publish: async ({ average }) => {
      const weights = await load(tensorsOf(average)[0]!.backend);
      const blended = emaUpdate(weights.decoder, average, 1 - share);
      const files = await publishedFiles({ ...weights, decoder: blended }, info);
      disposeTree([weights, blended]);
      return files;
    },
  };
}
