/**
 * `@vqkit/core/codebook`: what quantizers with codebooks are composed from. Assignment, gradient estimators, codebook
 * rules, revival, k-means, and measures of use, each a value or a pure function.
 */
export { assign, comparable, type Metric, metrics, similarity, unitVectors } from './assignment.ts';
export { decodeChecked, encodeChecked } from './checked.ts';
export { codeEntropy, codePerplexity, codeUsage, countCodes } from './code-usage.ts';
export {
  type Codebook,
  type CodebookOptions,
  type CodebookParams,
  type CodebookStatistics,
  checkCount,
  codebook,
  type QuantizedVectors,
  type QuantizeVectorsOptions,
} from './codebook.ts';
export { type CodebookQuantizer, codebookQuantizer, rowsOf } from './codebook-quantizer.ts';
export {
  type CodebookAverage,
  type CodebookRule,
  checkAmount,
  checkName,
  type EmaOptions,
  ema,
  fixed,
  type LearnedOptions,
  learned,
  outOfRange,
} from './codebook-rule.ts';
export { type CvqAnchorsOptions, cvqAnchors, cvqPull } from './cvq-anchors.ts';
export { checkFeatures, checkIndices } from './feature-checks.ts';
export { gumbelBits, normalBits, splitKey, splitSeed, uniformBits } from './keys.ts';
export { type KmeansOptions, type KmeansResult, kmeans } from './kmeans.ts';
export { type ProjectedQuantizer, type ProjectOptions, type ProjectParams, project } from './project.ts';
export { type CostMap, costTable, graphProducts, type QuantizerCost, quantizerCost } from './quantizer-cost.ts';
export {
  type DeadCodesOptions,
  deadCodes,
  type RevivalInput,
  type RevivalResult,
  type RevivalRule,
  type RevivalState,
} from './revival.ts';
export { countedRows, type SampledRows, sampleRows } from './sample-rows.ts';
export { sampleVectors, startCodebook } from './start-codebook.ts';
export { diveq, estimatorOf, type GradientEstimator, rotationTrick, straightThrough } from './straight-through.ts';
export { countedValues, weightedMean, weightedSquaredError, weightedStatistics, weightRows } from './weighted.ts';
