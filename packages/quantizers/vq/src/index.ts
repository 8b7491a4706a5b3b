/** `@vqkit/quantizer-vq`: vector quantization with one codebook, composed from values. */
export {
  type CodebookRule,
  type CvqAnchorsOptions,
  codeEntropy,
  codePerplexity,
  codeUsage,
  countCodes,
  cvqAnchors,
  type DeadCodesOptions,
  deadCodes,
  decodeChecked,
  type EmaOptions,
  ema,
  encodeChecked,
  fixed,
  type GradientEstimator,
  type KmeansOptions,
  type KmeansResult,
  kmeans,
  type LearnedOptions,
  learned,
  type Metric,
  type RevivalRule,
  rotationTrick,
  straightThrough,
} from '@vqkit/core/codebook';
export { startCodebook } from './start-codebook.ts';
export { type VqOptions, type VqParams, type VqQuantizer, type VqStatistics, vq } from './vq.ts';
