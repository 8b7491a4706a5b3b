/** The table of recipes: what can be trained, by name. The command line, its help and checks are built from it. */
import type { Recipe } from '../loop/recipe.ts';
import { photoOptions, photoRecipe } from '../recipes/photo/photo.ts';
import { photoRatesOptions, photoRatesRecipe } from '../recipes/photo/photo-rates.ts';
import { photoTextureOptions, photoTextureRecipe } from '../recipes/photo/photo-texture.ts';
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
    description: 'the photo tokenizer: autoencoder and codebook',
    options: photoOptions,
    publishes: { 'photo.safetensors': 'averaged autoencoder and codebook' },
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
    name: 'vqvae',
    description: 'a small autoencoder with any quantizer, on grey images or photos',
    options: vqvaeOptions,
    publishes: { 'manifest.json': 'what the model is', 'weights.safetensors': 'encoder, decoder and quantizer' },
    make: vqvaeRecipe,
  },
];
