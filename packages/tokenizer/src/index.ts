/** `@vqkit/tokenizer`: images to index maps and back, for any autoencoder and any quantizer. */
export { type Architectures, type Autoencoder, defaultArchitectures, type Quantizers } from './autoencoder.ts';
export { TokenizerError } from './errors.ts';
export { type IndexMap, positionsOf } from './index-map.ts';
export type { PerceptualLoss } from './perceptual.ts';
export {
  createTokenizer,
  type DetokenizeOptions,
  type RefineOptions,
  type TokenizeOptions,
  type Tokenizer,
  type TokenizerCall,
  type TokenizerOptions,
  type TokenizerProgress,
  tokenizerOf,
} from './tokenizer.ts';
export { buildModel, makeNamed, restoredParams } from './weights/build.ts';
export { int8Weights } from './weights/int8.ts';
export {
  checkManifest,
  manifestFile,
  modelIdOf,
  priorFile,
  priorFiles,
  type QuantizerSpec,
  type WeightsManifest,
  type WeightsPackage,
  weightsFile,
  weightsFileOf,
} from './weights/manifest.ts';
export {
  type Implementations,
  type LoadModelOptions,
  loadModel,
  type Rate,
  type RateModel,
  type TokenizerModel,
} from './weights/model.ts';
export { packWeights, type WeightsContent, type WeightsFiles, weightsOf } from './weights/pack.ts';
export { halvedSizes, type RateCodebookOptions, rateCodebooks } from './weights/rate-codebooks.ts';
