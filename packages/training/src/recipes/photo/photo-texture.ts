/**
 * The third stage of the default weights: the decoder learns texture from a discriminator besides L1 and LPIPS, at all
 * rates. It starts from published weights and publishes weights of the same form, so it can be run again and again.
 *
 * @see Esser et al. 2021, arXiv:2012.09841, for the adversarial loss and its weight
 */
import { type Backend, emaUpdate, type Tensor } from '@vqkit/core';
import type { PatchDiscriminatorOptions } from '@vqkit/models';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { judgeImages, steered } from '../adversarial-direction.ts';
import { adversarialOptions } from '../adversarial-options.ts';
import { type CriticState, critic } from '../critic.ts';
import { codeAtRates } from './code-at-rates.ts';
import {
  type Decoder,
  type DecoderConstants,
  type DecoderState,
  decoderStage,
  decoderStageOptions,
} from './decoder-stage.ts';
import { readInfo, readPublished } from './published-weights.ts';

/** Options of the recipe. */
export const photoTextureOptions = {
  ...decoderStageOptions,
  rate: { ...decoderStageOptions.rate, default: 1.5e-4 },
  discriminator: { ...adversarialOptions.discriminator, default: 'patch' },
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
  readonly critic: CriticState;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function photoTextureRecipe({
  patch,
  ...given
}: PhotoTextureOptions): Promise<Recipe<PhotoTextureState, DecoderConstants>> {
  const options = completeOptions('photo-texture', photoTextureOptions, given);
  const { discriminator, delay, weight, share, ...own } = options;
  const info = await readInfo(own.from, 'photo-rates');
  const load = (backend: Backend) => readPublished(backend, own.from, 'photo-rates');
  const { network, learn, judge, shared } = decoderStage(own, { info, load });
  const opponent = critic(discriminator, network.dimension, patch);

  return {
    ...shared,
    name: 'photo-texture',
    identity: { ...identityOf(photoTextureOptions, options), ...info, patch },
    phase: (step) => (step < delay ? 'delay' : 'texture'),
    init: async (backend, seed) => ({ ...(await shared.init(backend)), critic: opponent.init(backend, seed) }),
    step: (phase, state, { batch: x, rate, key }, constants) => {
      const { lpips, encoder, books } = constants;
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const imageOf = (decoder: Decoder): Tensor => network.decode(decoder, zQ);
      const layerOf = (decoder: Decoder): unknown => Object.values(decoder).at(-1);
      const decoding = { params: state.decoder, imageOf, layerOf };
      const { gradients, made, judged } = steered(
        (decoder: Decoder) => ({ xHat: imageOf(decoder) }),
        state.decoder,
        ({ xHat }) => {
          const pull = (y: Tensor) => opponent.pull(state.critic, y, { lpips, codes: zQ, key });
          const against = phase === 'delay' ? undefined : { pull, network: decoding, weight };
          return judgeImages(xHat, (y) => judge(constants, y, x, key), against);
        },
      );
      const { params, learned, norm } = learn.update(state.decoder, gradients, state, rate);
      const taught = opponent.learn(state.critic, [x, made.xHat], { lpips, codes: zQ, key }, rate);
      return {
        state: { decoder: params, ...learned, critic: taught.state },
        metrics: { ...judged.metrics, hinge: taught.hinge, norm },
      };
    },
    // Between a faithful decoder and one that learned texture from a discriminator lie better ones than either: Wang et
    // al. 2018, arXiv:1809.00219, section 3.4.
    publish: (state) => shared.publish(state, (average, before) => emaUpdate(before, average, 1 - share)),
  };
}
