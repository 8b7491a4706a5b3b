/** `@vqkit/quantizer-residual`: residual quantization with stage dropout and beam search. */
export { deadCodes, ema, fixed, learned } from '@vqkit/core/codebook';
export type { StageDropout } from './dropout.ts';
export { type BeamOptions, type CodebookResidual, encodeBeam } from './encode-beam.ts';
export { type ResidualOptions, residual } from './residual.ts';
export { startStages } from './start-stages.ts';
export type { DecodeOptions, ResidualParams, ResidualQuantized, ResidualQuantizer } from './types.ts';
