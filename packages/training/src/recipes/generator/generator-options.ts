/** Options of the recipe that trains generators. */
import type { OptionsGiven, OptionTable, OptionValues } from '../../table/options.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';
import { transformerOptions } from '../transformer-options.ts';

const { steps, validateSteps } = commonPhotoOptions;

/** The table. */
export const generatorOptions = {
  data: {
    type: 'path',
    description: 'what the tokenizer was trained on: an IDX file, a folder with train-images-idx3-ubyte.gz, or photos',
    isNeeded: true,
    mayChange: true,
  },
  ...transformerOptions,
  method: {
    type: 'choice',
    description: 'how maps are drawn: index by index, the surest first, or as features by flow matching',
    choices: ['masked', 'flow'],
    default: 'masked',
  },
  steps: { ...steps, default: 10_000 },
  validateSteps,
  batch: { type: 'integer', description: 'images per step', default: 64, min: 1 },
  crop: { type: 'integer', description: 'size of a crop of photos', default: 256, min: 4, max: 1024, multipleOf: 4 },
  rate: { ...transformerOptions.rate, default: 1e-3 },
} as const satisfies OptionTable;

/** Choices of a run. */
export type GeneratorRecipeOptions = OptionsGiven<typeof generatorOptions>;

/** The same, complete. */
export type GeneratorValues = OptionValues<typeof generatorOptions>;
