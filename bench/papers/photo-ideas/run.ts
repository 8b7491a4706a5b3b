/** The recipe of a row: the photo tokenizer with one idea, all alike but for that. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type PhotoRecipeOptions, photoRatesRecipe, photoRecipe, photoTextureRecipe } from '@vqkit/training';
import type { PhotoContext } from '../shared/photo-rows.ts';
import type { IdeaRow } from './rows.ts';

/** Makes recipes of rows; their promise rejects where the row is missing that one goes on from. @param network  Default: that of the published weights. */
export function ideaRecipes(
  { data, heldOut, lpipsWeights, steps, batch, crop, runs }: PhotoContext,
  network: PhotoRecipeOptions['network'],
) {
  const shared = { data, heldOut, lpipsWeights, steps, batch, crop, validateSteps: steps };
  return async (row: IdeaRow) => {
    if (row.group === 'stage-1') {
      return photoRecipe({ ...shared, network, ...row.options, warmup: Math.min(200, Math.floor(steps / 5)) });
    }
    const later = { ...shared, optimizer: 'muon', from: publishedBy(row.from, runs) } as const;
    const { discriminator } = row;
    if (discriminator === undefined) return photoRatesRecipe(later);
    return photoTextureRecipe({ ...later, discriminator, delay: Math.floor(steps / 5), share: 1 });
  };
}

/** What a finished row published for the next stage. @throws Error where it is not there. */
function publishedBy(row: string, runs: string): string {
  const files = ['photo.safetensors', 'weights.safetensors'].map((name) => join(runs, row, name));
  const found = files.find(existsSync);
  if (found !== undefined) return found;
  throw new Error(
    `expected the finished run of '${row}' in ${runs}, got none: train it first; where only its result was kept, take that out of the results' .json`,
  );
}
