/** `@vqkit/codec/transformer`: lost indices filled in by a trained network. */
export type { Guess } from './guess.ts';
export {
  type TransformerConceal,
  type TransformerConcealOptions,
  transformerConceal,
} from './transformer-conceal.ts';
export {
  type IndexTransformerContent,
  type IndexTransformerModel,
  loadIndexTransformer,
  logitsOf,
  type MapInput,
  packIndexTransformer,
} from './weights.ts';
