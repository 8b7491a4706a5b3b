/** `@vqkit/quantizer-lookup-free`: quantization by signs, LFQ and BSQ. */
export { bsq } from './bsq.ts';
export { type EntropyOptions, entropyLoss } from './entropy.ts';
export { lfq } from './lfq.ts';
export type {
  LookupFreeOptions,
  LookupFreeParams,
  LookupFreeQuantizer,
  LookupFreeStatistics,
} from './sign-quantizer.ts';
