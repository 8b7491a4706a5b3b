/**
 * Binary spherical quantization: features go to the unit sphere first, and the codes are the corners of the cube that
 * it encloses, so the error is bounded and the bits are independent given the feature.
 *
 *   z [N,H,W,D] → u = z/‖z‖ → sign(u)/√D → D bits in slots of at most 16 → indices [N,H,W,S]
 *
 * @see Zhao et al. 2024, arXiv:2406.07548, section 3
 */
import { unitVectors } from '@vqkit/core/codebook';
import { type LookupFreeOptions, type LookupFreeQuantizer, signQuantizer } from './sign-quantizer.ts';

/**
 * Makes a binary spherical quantizer with codes in {−1/√D, 1/√D}ᴰ. D bits per position; the gradient is that of z/‖z‖.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const { quantized, indices } = bsq({ bits: 36 }).quantize({}, z); // z: [1, 16, 16, 36] → indices: [1, 16, 16, 3]
 */
export function bsq(options: LookupFreeOptions): LookupFreeQuantizer {
  const scale = 1 / Math.sqrt(options.bits);
  // 0.1, our choice: values of u and codes are about 1/√D, so that decisions of 10 to 40 bits stay soft.
  return signQuantizer({ name: 'bsq', scale, temperature: 0.1, prepare: unitVectors }, options);
}
