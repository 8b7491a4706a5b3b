/** `@vqkit/models`: layers and networks for vector-quantized image models. */

export {
  type PatchDiscriminator,
  type PatchDiscriminatorOptions,
  patchDiscriminator,
} from './discriminator/patch-discriminator.ts';
export {
  type ProjectedDiscriminator,
  type ProjectedDiscriminatorOptions,
  type ProjectedDiscriminatorParams,
  type ProjectedHead,
  projectedDiscriminator,
} from './discriminator/projected-discriminator.ts';
export { ModelError } from './errors.ts';
export {
  downsample,
  patchify,
  resBlock,
  resBlocks,
  type Shortcut,
  type UpsampleOptions,
  upsample,
} from './layers/blocks.ts';
export { type ConvOptions, type ConvParams, conv } from './layers/conv.ts';
export { type DenseParams, dense, layerNormLayer } from './layers/dense.ts';
export { groupNormLayer, type NormParams } from './layers/group-norm.ts';
export { type Layer, lambda, residual, type SequentialParams, sequential } from './layers/layer.ts';
export {
  type AdaptiveWeightOptions,
  adaptiveWeight,
  generatorLoss,
  hingeLoss,
  type Scores,
} from './losses/adversarial.ts';
export {
  type PerceptualNetwork,
  type PerceptualNetworkOptions,
  type PerceptualNetworkParams,
  perceptualNetwork,
} from './perceptual/perceptual-network.ts';
export {
  type PhotoTokenizer,
  type PhotoTokenizerOptions,
  type PhotoTokenizerParams,
  photoTokenizer,
} from './photo/photo-tokenizer.ts';
export { hardChoice, slotTables } from './sr/hard-choice.ts';
export type { TextureDecoderParams } from './sr/texture-decoder.ts';
export {
  type ChosenTexture,
  likeliestIndices,
  type PredictedTexture,
  type TexturePredictor,
  type TexturePredictorOptions,
  type TexturePredictorParams,
  texturePredictor,
} from './sr/texture-predictor.ts';
export {
  type ReducedImage,
  type SplitImage,
  type TextureTokenizer,
  type TextureTokenizerOptions,
  type TextureTokenizerParams,
  textureTokenizer,
} from './sr/texture-tokenizer.ts';
export {
  type IndexGenerator,
  type IndexGeneratorInput,
  type IndexGeneratorOptions,
  type IndexGeneratorParams,
  indexGenerator,
  type SlotTurn,
} from './transformer/index-generator.ts';
export {
  type IndexTransformer,
  type IndexTransformerInput,
  type IndexTransformerOptions,
  type IndexTransformerParams,
  indexTransformer,
  type SeenMap,
} from './transformer/index-transformer.ts';
export {
  flowTime,
  type LatentFlow,
  type LatentFlowInput,
  type LatentFlowOptions,
  type LatentFlowParams,
  latentFlow,
} from './transformer/latent-flow.ts';
export { rotary } from './transformer/rotary.ts';
export {
  type GridAttentionParams,
  gridAttention,
  type TransformerBlockOptions,
  transformerBlock,
} from './transformer/transformer-block.ts';
export { attentionBlock, downsampleConv, normalizedResBlock, upsampleConv } from './vqgan/blocks.ts';
export { importTaming, type NamedTensors, type TamingModel } from './vqgan/import-taming.ts';
export { type Vqgan, type VqganOptions, type VqganParams, vqgan } from './vqgan/vqgan.ts';
export { type VqVae, type VqVaeOptions, type VqVaeParams, vqVae } from './vqvae/vqvae.ts';
