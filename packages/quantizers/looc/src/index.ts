/** `@vqkit/quantizer-looc`: compositional quantization with one shared low-dimensional codebook. */
export { type CvqAnchorsOptions, cvqAnchors, deadCodes, ema, fixed, learned } from '@vqkit/core/codebook';
export { type LoocOptions, type LoocParams, type LoocQuantizer, type LoocStatistics, looc } from './looc.ts';
export type { Grouping, PieceLayout } from './pieces.ts';
export { codesPerSegment, segmentCounts, sharedBetween, sharing } from './segment-usage.ts';
