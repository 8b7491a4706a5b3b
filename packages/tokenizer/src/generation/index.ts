/** `@vqkit/tokenizer/generation`: new images, by way of index maps that a trained network draws. */
export { fillSurest, type Guesses, holesAfter, type OpenMap } from './fill-surest.ts';
export {
  createGenerator,
  type Drawn,
  type DrawOptions,
  type Generator,
  type GeneratorOptions,
  type PartOfMap,
} from './generator.ts';
export type { SamplingOptions } from './sampler.ts';
export {
  type DrawingNetwork,
  type GeneratorContent,
  type Grid,
  type LoadGeneratorOptions,
  packGenerator,
  type ScaledFlowParams,
} from './weights.ts';
