/** `@vqkit/training`: recipes, data and the loop that trains vqkit's models. */
export { type CropOptions, type RgbImage, randomCrop } from './data/crop.ts';
export { type BatchSource, listPhotos, openPhotoFolder, type PhotoFolderOptions } from './data/photo-folder.ts';
export { TrainingError } from './errors.ts';
export { type CheckpointInfo, readCheckpoint, writeCheckpoint } from './loop/checkpoint.ts';
export type { Recipe, StepInputs, StepResult } from './loop/recipe.ts';
export { type TrainingEvent, type TrainOptions, type TrainResult, train } from './loop/train.ts';
export { type PhotoRecipeOptions, type PhotoState, type PhotoWeights, photoRecipe } from './recipes/photo.ts';
export {
  type PhotoRatesConstants,
  type PhotoRatesOptions,
  type PhotoRatesState,
  photoRatesRecipe,
} from './recipes/photo-rates.ts';
export {
  type PhotoTextureOptions,
  type PhotoTextureState,
  photoTextureRecipe,
} from './recipes/photo-texture.ts';
export type { PublishedWeights } from './recipes/published-weights.ts';
export { type RateCodebookOptions, rateCodebooks, stackCodebooks } from './recipes/rate-codebooks.ts';
