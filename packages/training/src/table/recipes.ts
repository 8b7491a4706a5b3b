/** The table of recipes: what can be trained, by name. The command line, its help and checks are built from it. */
import type { Recipe } from '../loop/recipe.ts';
import { generatorRecipe } from '../recipes/generator/generator.ts';
import { generatorOptions } from '../recipes/generator/generator-options.ts';
import { indexTransformerOptions, indexTransformerRecipe } from '../recipes/index-transformer/index-transformer.ts';
import { perceptualOptions, perceptualRecipe } from '../recipes/perceptual/perceptual.ts';
import { photoOptions, photoRecipe } from '../recipes/photo/photo.ts';
import { photoRatesOptions, photoRatesRecipe } from '../recipes/photo/photo-rates.ts';
import { photoTextureOptions, photoTextureRecipe } from '../recipes/photo/photo-texture.ts';
import { srPredictorOptions, srPredictorRecipe } from '../recipes/sr/sr-predictor.ts';
import { srRapOptions, srRapRecipe } from '../recipes/sr/sr-rap.ts';
import { srTokenizerOptions, srTokenizerRecipe } from '../recipes/sr/sr-tokenizer.ts';
import { vqganOptions, vqganRecipe } from '../recipes/vqgan/vqgan.ts';
import { vqvaeOptions, vqvaeRecipe } from '../recipes/vqvae/vqvae.ts';
import type { OptionTable } from './options.ts';

/** What people are told about a recipe. */
export interface RecipeInfo {
  readonly name: string;
  /** One line. */
  readonly description: string;
  readonly options: OptionTable;
  /** What it publishes: file → what that is. */
  readonly publishes: Readonly<Record<string, string>>;
}

/** A row of the table. */
export interface RecipeEntry extends RecipeInfo {
  /** Makes the recipe from options as `completeOptions` checks them. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
  make(options: never): Recipe<unknown, unknown, unknown> | Promise<Recipe<unknown, unknown, unknown>>;
}

/** All recipes. */
export const recipes: readonly RecipeEntry[] = [
  {
    name: 'photo',
    description: 'the photo tokenizer: autoencoder and codebook, or any other quantizer',
    options: photoOptions,
    publishes: {
      'manifest.json': 'what the model is',
      'weights.safetensors': 'averaged encoder and decoder, and the quantizer: a package that vqkit encode opens',
      'photo.safetensors': 'the same for the next stage, of the quantizer vq',
    },
    make: photoRecipe,
  },
  {
    name: 'photo-rates',
    description: 'smaller codebooks by k-means, and a decoder that learns them all',
    options: photoRatesOptions,
    publishes: { 'manifest.json': 'what the model is', 'weights.safetensors': 'encoder, decoder and codebooks' },
    make: photoRatesRecipe,
  },
  {
    name: 'photo-texture',
    description: 'texture for the decoder, from a discriminator',
    options: photoTextureOptions,
    publishes: { 'manifest.json': 'what the model is', 'weights.safetensors': 'encoder, decoder and codebooks' },
    make: photoTextureRecipe,
  },
  {
    name: 'perceptual',
    description: 'a small network that tells how alike pictures look, from LPIPS',
    options: perceptualOptions,
    publishes: { 'perceptual.safetensors': 'the averaged network' },
    make: perceptualRecipe,
  },
  {
    name: 'vqvae',
    description: 'a small autoencoder with any quantizer, on grey images or photos',
    options: vqvaeOptions,
    publishes: { 'manifest.json': 'what the model is', 'weights.safetensors': 'encoder, decoder and quantizer' },
    make: vqvaeRecipe,
  },
  {
    name: 'vqgan',
    description: 'VQGAN with any quantizer and a discriminator, on photos or grey images',
    options: vqganOptions,
    publishes: {
      'manifest.json': 'what the model is',
      'weights.safetensors': 'averaged encoder and decoder, and the quantizer: a package that vqkit encode opens',
    },
    make: vqganRecipe,
  },
  {
    name: 'index-transformer',
    description: 'fills in lost indices of a trained tokenizer',
    options: indexTransformerOptions,
    publishes: {
      'manifest.json': 'what the model is, and whose indices it knows',
      'weights.safetensors': 'the transformer and the codebooks: what vqkit decode --conceal-weights opens',
    },
    make: indexTransformerRecipe,
  },
  {
    name: 'generator',
    description: 'draws new images by way of the maps of a trained tokenizer',
    options: generatorOptions,
    publishes: {
      'manifest.json': 'what the model is, and whose maps it draws',
      'weights.safetensors': 'the generator, decoder and codes: what vqkit generate opens',
    },
    make: generatorRecipe,
  },
  {
    name: 'sr-tokenizer',
    description: 'super-resolution: structure and texture of large images',
    options: srTokenizerOptions,
    publishes: { 'sr-tokenizer.safetensors': 'averaged tokenizer and texture codebook' },
    make: srTokenizerRecipe,
  },
  {
    name: 'sr-predictor',
    description: 'super-resolution: codes of the large image from the small one',
    options: srPredictorOptions,
    publishes: {
      'sr-model.safetensors': 'tokenizer and predictor, to go on from',
      'weights.safetensors': 'what an enlargement needs, with manifest.json',
    },
    make: srPredictorRecipe,
  },
  {
    name: 'sr-rap',
    description: 'super-resolution: the predictor learns from images through its choice of codes',
    options: srRapOptions,
    publishes: {
      'sr-model.safetensors': 'tokenizer and predictor, to go on from',
      'weights.safetensors': 'what an enlargement needs, with manifest.json',
    },
    make: srRapRecipe,
  },
];
