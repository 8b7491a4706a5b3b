/** The recipe of a row: the photo tokenizer with its quantizer, all alike but for that. */
import { type PhotoRecipeOptions, photoRecipe } from '@vqkit/training';
import type { PhotoContext } from '../shared/photo-rows.ts';
import type { PlugRow } from './rows.ts';

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
