/** `@vqkit/codec`: images below 0.04 bits per pixel. */

export { type InputImage, maxPixels, type Raster } from '@vqkit/images';
export type { PerceptualLoss, WeightsManifest, WeightsPackage } from '@vqkit/tokenizer';
export type { AlphaMode } from './alpha.ts';
export { BitstreamError, type BitstreamErrorCode } from './bitstream/index.ts';
export { type Codec, createCodec } from './codec.ts';
export type {
  CallOptions,
  CodecOptions,
  CodecProgress,
  Decoded,
  DecodeOptions,
  EncodeOptions,
} from './codec-options.ts';
export { type Conceal, type ConcealGrid, concealLost } from './conceal.ts';
export { CodecError } from './errors.ts';
export { type FileInfo, inspect } from './inspect.ts';
export type { FileBytes, ImageSource } from './options.ts';
export { type PriorTrainingOptions, type PriorTrainingProgress, trainPriors } from './prior-training.ts';
export type { FileStream } from './progressive.ts';
export type { RateOptions } from './rate/choose-rate.ts';
