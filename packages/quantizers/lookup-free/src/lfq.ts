/**
 * Lookup-free quantization: the codes are the corners of a cube, so the nearest one is found by the signs.
 *
 *   z [N,H,W,D] → sign → {−1, 1}ᴰ → D bits in slots of at most 16 → indices [N,H,W,S]
 *
 * @see Yu et al. 2023 (MAGVIT-v2), arXiv:2310.05737, section 3.1
 */
import { type LookupFreeOptions, type LookupFreeQuantizer, signQuantizer } from './sign-quantizer.ts';

/**
 * Makes a lookup-free quantizer with codes in {−1, 1}ᴰ. D bits per position; straight-through gradient.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const { quantized, indices, losses } = lfq({ bits: 18 }).quantize({}, z); // z: [1, 16, 16, 18] → indices: [1, 16, 16, 2]
 */
export function lfq(options: LookupFreeOptions): LookupFreeQuantizer {
  // 0.01: temperature of the public MAGVIT-v2 implementations.
  return signQuantizer({ name: 'lfq', scale: 1, temperature: 0.01, prepare: (z) => z }, options);
}
