/**
 * Vector quantization: each vector of a feature map is replaced by one code of one codebook. What varies is composed
 * from values: how codes are assigned, what gradient passes, how codes follow their vectors, how dead ones revive.
 *
 *   z [N,H,W,D] → nearest of K codes → indices [N,H,W,1] → codes → quantized [N,H,W,D]
 *
 * The values, and the quantizer that they compose, are in `@vqkit/core/codebook`, where other quantizers find them too.
 *
 * @see van den Oord et al. 2017, arXiv:1711.00937
 */
import {
  type CodebookOptions,
  type CodebookParams,
  type CodebookQuantizer,
  type CodebookStatistics,
  codebookQuantizer,
} from '@vqkit/core/codebook';

/** Options of `vq`. */
export interface VqOptions extends CodebookOptions {}

/** Parameters of `vq`: the codes, and what their rules remember. */
export interface VqParams extends CodebookParams {}

/** What a batch tells `update`. */
export interface VqStatistics extends CodebookStatistics {}

/** A vector quantizer with one codebook. */
export interface VqQuantizer extends CodebookQuantizer {}

/**
 * Makes a vector quantizer. One index per position: log₂ K bits.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 * @see van den Oord et al. 2017, arXiv:1711.00937, eq. 1–3
 *
 * @example
 * const quantizer = vq({ codes: 1024, dimension: 16, codebook: ema({ decay: 0.99 }), revival: deadCodes() });
 * const params = quantizer.init(backend, 1);
 * const { quantized, indices } = quantizer.quantize(params, z); // z: [8, 16, 16, 16] → indices: [8, 16, 16, 1]
 */
export function vq(options: VqOptions): VqQuantizer {
  return codebookQuantizer('vq', options);
}
