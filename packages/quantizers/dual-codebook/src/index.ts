/** `@vqkit/quantizer-dual-codebook`: a global table made by a transformer, and a local one, for half of each vector. */
export { cvqAnchors, deadCodes, ema, fixed, learned } from '@vqkit/core/codebook';
export { dualCodebook } from './dual-codebook.ts';
export type { TableLayer, TableTransformerParams } from './table-transformer.ts';
export type {
  DualCodebookOptions,
  DualCodebookParams,
  DualCodebookQuantizer,
  DualCodebookStatistics,
  TableTransformerOptions,
} from './types.ts';
