/** The recipe of a row: the photo tokenizer with its quantizer, all alike but for that. */
import { type PhotoRecipeOptions, photoRecipe } from '@vqkit/training';
import type { PhotoContext } from '../shared/photo-rows.ts';
import type { PlugRow } from './rows.ts';

/** Sizes of the networks: a quarter of the published weights' parameters, so that a row takes minutes. */
export const smallNetwork = {
  encoderChannels: [32, 48, 80],
  encoderBlocks: [1, 1, 2],
  decoderChannels: [96, 64, 32, 16, 16],
  decoderBlocks: [2, 1, 1],
} as const satisfies PhotoRecipeOptions['network'];

/** Makes recipes of rows. @param network  Default: that of the published weights. */
export function plugRecipes(
  { data, heldOut, lpipsWeights, steps, batch, crop }: PhotoContext,
  network: PhotoRecipeOptions['network'],
) {
  return (row: PlugRow) =>
    photoRecipe({
      ...{ data, heldOut, lpipsWeights, steps, batch, crop, network, ...row.options },
      ...{ optimizer: 'muon', validateSteps: steps, warmup: Math.min(200, Math.floor(steps / 5)) },
    });
}
