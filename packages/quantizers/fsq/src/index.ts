/** `@vqkit/quantizer-fsq`: finite scalar quantization. */
export {
  type FsqOptions,
  type FsqParams,
  type FsqQuantizer,
  type FsqStatistics,
  fsq,
  recommendedLevels,
} from './fsq.ts';
export type { FsqVariant } from './grid.ts';
