/** `@vqkit/codec`: images below 0.04 bits per pixel. */

export { type InputImage, maxPixels, type OutputImage } from '@vqkit/images';
export {
  type CallOptions,
  type Codec,
  type CodecOptions,
  type CodecProgress,
  createCodec,
  type Decoded,
  type DecodeOptions,
  type EncodeOptions,
} from './codec.ts';
export { concealLost } from './conceal.ts';
export { CodecError } from './errors.ts';
export { type FileInfo, inspect } from './inspect.ts';
export { type CodecModel, loadModel, priorFile, type WeightsManifest, type WeightsPackage } from './model/weights.ts';
export { type PriorTrainingOptions, type PriorTrainingProgress, trainPriors } from './prior-training.ts';
export type { RateOptions } from './rate/choose-rate.ts';
