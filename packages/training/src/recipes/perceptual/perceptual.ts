/**
 * A small perceptual network that learns from LPIPS: for pairs of pictures as a codec meets them, the differences of its
 * features come to equal those of LPIPS, place by place, and so do distances and where they lead.
 */
import { add, type Backend, concat, disposeTree, saveTree, type Tensor, valueAndGrad } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import {
  type PerceptualNetworkOptions,
  type PerceptualNetworkParams,
  type PhotoTokenizerParams,
  perceptualNetwork,
  photoTokenizer,
} from '@vqkit/models';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { type Learned, learner } from '../photo/learner.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';
import { photoRun } from '../photo/photo-run.ts';
import { readInfo, readPublished } from '../photo/published-weights.ts';
import { randomPhase } from '../photo/random-phase.ts';
import { changedPictures } from './changed-pictures.ts';
import { differenceErrors, lpipsPlaces } from './difference-errors.ts';

const { data, lpipsWeights, steps, crop, drawn, decay, optimizer, heldOut, validateSteps } = commonPhotoOptions;

/** Options of the recipe. */
export const perceptualOptions = {
  data,
  lpipsWeights,
  from: {
    type: 'file',
    description: 'what the recipe photo published: it restores pictures',
    isNeeded: true,
    mayChange: true,
  },
  steps,
  batch: { type: 'integer', description: 'crops per step', default: 8, min: 2 },
  crop,
  drawn,
  decay,
  rate: { type: 'number', description: 'peak learning rate', default: 1e-3, min: 1e-8, max: 1, mayChange: true },
  optimizer,
  heldOut,
} as const satisfies OptionTable;

/** Choices of a run; `network` has the sizes. */
export type PerceptualOptions = OptionsGiven<typeof perceptualOptions> & {
  readonly network?: PerceptualNetworkOptions;
};

/** The training state. */
export interface PerceptualState extends Learned<PerceptualNetworkParams> {
  readonly model: PerceptualNetworkParams;
}

/** What never changes: the teacher, and what restores pictures. */
export interface PerceptualConstants {
  readonly lpips: LpipsParams;
  readonly tokenizer: PhotoTokenizerParams;
  /** f32 `[K, D]`. */
  readonly codebook: Tensor;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function perceptualRecipe({
  network: sizes,
  ...given
}: PerceptualOptions): Promise<Recipe<PerceptualState, PerceptualConstants>> {
  const options = completeOptions('perceptual', perceptualOptions, given);
  const info = await readInfo(options.from, 'photo');
  const [tokenizer, network] = [photoTokenizer(info.network), perceptualNetwork(sizes)];
  const learn = learner<PerceptualNetworkParams>(options.optimizer);
  const run = photoRun({ ...options, half: 0, validateSteps: validateSteps.default }, () => {
    throw new Error('nothing is restored');
  });
  return {
    name: 'perceptual',
    identity: { ...identityOf(perceptualOptions, options), sizes },
    steps: options.steps,
    schedule: run.schedule(100),
    phase: () => 'perceptual',
    init: async (backend, seed) => {
      const model = network.init(backend, seed);
      return { model, ...learn.init(model) };
    },
    constants: async (backend: Backend) => {
      const { model, quantizer } = await readPublished(backend, options.from, 'photo');
      const { codebook, ...rest } = quantizer;
      disposeTree(rest);
      return { lpips: await run.loadLpips(backend), tokenizer: model, codebook };
    },
    open: async (seed) => openPhotoFolder(await run.crops(seed)),
    step: (_, state, { batch: x, rate, key }, { lpips, tokenizer: params, codebook }) => {
      const pictures = changedPictures(tokenizer, params, codebook, x, key);
      const images = randomPhase([concat([x, pictures.restored, pictures.changed])], key)[0]!;
      const wanted = lpipsPlaces(lpips, images);
      const { value, gradients, aux } = valueAndGrad((model: PerceptualNetworkParams) => {
        const errors = differenceErrors(network.features(model, images), wanted);
        return { loss: Object.values(errors).reduce(add), aux: errors };
      })(state.model);
      const { params: model, learned, norm } = learn.update(state.model, gradients, state, rate);
      return { state: { model, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
    publish: async ({ average }) => ({
      'perceptual.safetensors': await saveTree(average, {
        precision: 'f16',
        metadata: { network: JSON.stringify(sizes ?? {}) },
      }),
    }),
  };
}
