/** `@vqkit/training`: recipes, data and the loop that trains vqkit's models. */
export type { BatchSource, OnHost, SkippedInput } from './data/batch-source.ts';
export { type CropOptions, randomCrop } from './data/crop.ts';
export { parseIdx, parseIdxLabels, readIdx, readIdxLabels } from './data/idx.ts';
export { type ImagePairs, openPairFolder, openPhotoFolder, type PhotoFolderOptions } from './data/photo-folder.ts';
export { chooseEvenly, listPhotos, type ReadPhotoOptions, readPhotos } from './data/photos.ts';
export { type DegradationName, degradationNames, reduceImage } from './data/reduce.ts';
export {
  type Degradation,
  type DegradationRound,
  degrade,
  fullDegradation,
  mildDegradation,
  sharpen,
} from './degrade/degrade.ts';
export type { FloatImage } from './degrade/float-image.ts';
export { TrainingError } from './errors.ts';
export { readLog, secondsOf, smoothed, type TrainingEvent } from './loop/log.ts';
export type { Recipe, RecipeIdentity, StepInputs, StepResult, ValidationScores } from './loop/recipe.ts';
export { type TrainOptions, type TrainResult, train } from './loop/train.ts';
export {
  type GeneratorParts,
  type GeneratorState,
  generatorRecipe,
  generatorRecipeOf,
} from './recipes/generator/generator.ts';
export { type GeneratorRecipeOptions, generatorOptions } from './recipes/generator/generator-options.ts';
export {
  type IndexTransformerRecipeOptions,
  indexTransformerRecipe,
} from './recipes/index-transformer/index-transformer.ts';
export { type PerceptualOptions, perceptualRecipe } from './recipes/perceptual/perceptual.ts';
export { type PhotoRecipeOptions, photoRecipe } from './recipes/photo/photo.ts';
export { type PhotoRatesOptions, photoRatesRecipe } from './recipes/photo/photo-rates.ts';
export { type PhotoTextureOptions, photoTextureRecipe } from './recipes/photo/photo-texture.ts';
export {
  type AnyQuantizer,
  type NamedQuantizerSpec,
  packModel,
  type QuantizerName,
  quantizerNames,
  quantizers,
  type TrainedModel,
} from './recipes/quantizers.ts';
export { type SrPredictorOptions, srPredictorRecipe } from './recipes/sr/sr-predictor.ts';
export { type SrRapOptions, srRapRecipe } from './recipes/sr/sr-rap.ts';
export { type SrTokenizerOptions, srTokenizerRecipe } from './recipes/sr/sr-tokenizer.ts';
export { type VqganRecipeOptions, vqganRecipe } from './recipes/vqgan/vqgan.ts';
export {
  grayImageSet,
  type ImageSet,
  type LabelledBatch,
  type LabelledSet,
  labelledImageSet,
  photoImageSet,
  pixelVariance,
} from './recipes/vqvae/image-sets.ts';
export {
  type SmallAutoencoderOptions,
  type SmallAutoencoderRecipe,
  type SmallModel,
  smallAutoencoderRecipe,
} from './recipes/vqvae/small-autoencoder.ts';
export { type VqvaeRecipeOptions, vqvaeRecipe } from './recipes/vqvae/vqvae.ts';
export {
  completeOptions,
  identityOf,
  type OptionsGiven,
  type OptionTable,
  type OptionValues,
  parseOption,
  type RecipeOption,
  rangeOf,
} from './table/options.ts';
export { type RecipeEntry, type RecipeInfo, recipes } from './table/recipes.ts';
