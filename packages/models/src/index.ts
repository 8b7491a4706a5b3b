/** `@vqkit/models`: layers and networks for vector-quantized image models. */
export { patchify, resBlock, resBlocks, upsample } from './layers/blocks.ts';
export { type ConvOptions, type ConvParams, conv } from './layers/conv.ts';
export { type Layer, lambda, residual, type SequentialParams, sequential } from './layers/layer.ts';
export {
  type PhotoTokenizer,
  type PhotoTokenizerOptions,
  type PhotoTokenizerParams,
  photoTokenizer,
} from './photo/photo-tokenizer.ts';
