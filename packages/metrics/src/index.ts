/** `@vqkit/metrics`: how good are images, codes and rates. */

export { type Accumulator, MeanScore, type ScoreSummary } from './accumulate/accumulator.ts';
export {
  type Differences,
  drawDifferences,
  drawErrorMap,
  drawSsimMap,
  type ErrorMapOptions,
  errorMap,
  heatMap,
} from './chart/heat-map.ts';
export { CodeCounter, type CodeUsage, usageOfCounts } from './codes/code-counter.ts';
export { type CompareOptions, compareImages, type ImageComparison } from './compare/compare-images.ts';
export { type DistsParams, dists, type LoadDistsOptions, loadDists } from './dists/dists.ts';
export { createDistsMeter, type DistsMeasureOptions, type DistsMeter } from './dists/dists-meter.ts';
export { InputError, MetricsError, WeightsError } from './errors.ts';
export {
  createInceptionExtractor,
  createSqueezenetExtractor,
  type FeatureExtractor,
  type InceptionExtractorOptions,
} from './frechet/feature-extractor.ts';
export { type FeatureMoments, FeatureStatistics } from './frechet/feature-statistics.ts';
export { frechetDistance } from './frechet/frechet-distance.ts';
export { type KernelDistance, type KernelDistanceOptions, kernelDistance } from './frechet/kernel-distance.ts';
export { loadInception } from './frechet/load-inception.ts';
export {
  type CompareSetsOptions,
  compareSets,
  type MeasuredSet,
  type MeasureSetOptions,
  measureSet,
  type SetDistances,
} from './frechet/measure-set.ts';
export {
  measurePrecisionRecall,
  type PrecisionRecall,
  type PrecisionRecallOptions,
  precisionRecall,
} from './frechet/precision-recall.ts';
export { type FidProtocol, prepareForInception } from './frechet/prepare.ts';
export type { ColorSpace } from './image/color-space.ts';
export type { PairOptions } from './image/image.ts';
export { type LoadLpipsOptions, loadLpips } from './lpips/load-lpips.ts';
export {
  type LpipsBackbone,
  type LpipsFunction,
  type LpipsOptions,
  type LpipsParams,
  lpips,
  lpipsFeatures,
  lpipsLayers,
  lpipsMap,
} from './lpips/lpips.ts';
export {
  createLpipsMeter,
  type LpipsMeasureOptions,
  type LpipsMeter,
  type LpipsMeterOptions,
} from './lpips/lpips-meter.ts';
export { type PerceptualLpips, perceptualLpips } from './lpips/perceptual-lpips.ts';
export type { ConvolutionParams, NetworkParams } from './networks/convolution.ts';
export { type InceptionDimension, inceptionFeatures } from './networks/inception-v3.ts';
export { loadNiqe, measureNiqe, type NiqeModel, type NiqeOptions, niqe } from './niqe/niqe.ts';
export { PooledPsnr } from './psnr/pooled-psnr.ts';
export { imageMse, psnr, psnrOfMse } from './psnr/psnr.ts';
export { bitsPerPixel, entropyBpp, fixedLengthBpp, type PixelSize } from './rate/bits-per-pixel.ts';
export {
  type BjontegaardDelta,
  type BjontegaardOptions,
  bdMetric,
  bdRate,
  type RatePoint,
} from './rate/bjontegaard.ts';
export { type MetricInfo, metricInfo, metrics } from './registry/registry.ts';
export { type MatlabBicubicOptions, resizeMatlabBicubic } from './resize/matlab-bicubic.ts';
export { type PillowOptions, resizeForDists, resizePillow } from './resize/pillow.ts';
export { type MsSsimOptions, type MsSsimVariant, msSsim, msSsimToDecibels } from './ssim/ms-ssim.ts';
export { type PerceptualMsSsim, perceptualMsSsim } from './ssim/perceptual-ms-ssim.ts';
export { type SsimOptions, ssim, ssimMap } from './ssim/ssim.ts';
export type { SsimVariant } from './ssim/window.ts';
export { type TensorPairOptions, tensorMsSsim, tensorPsnr, tensorSsim } from './tensors/similarity.ts';
export { browserCache, folderCache, type WeightsCache } from './weights/cache.ts';
export { type KnownFile, type KnownFileId, knownFiles } from './weights/known-files.ts';
export type { LoadProgress, ReadOptions, WeightsSource } from './weights/source.ts';
export { openStateDictionary, type StateDictionary } from './weights/state-dictionary.ts';
