/**
 * Vector quantization: each vector of a feature map is replaced by one code of one codebook. What varies is composed
 * from values: how codes are assigned, what gradient passes, how codes follow their vectors, how dead ones revive.
 *
 *   z [N,H,W,D] → nearest of K codes → indices [N,H,W,1] → codes → quantized [N,H,W,D]
 *
 * @see van den Oord et al. 2017, arXiv:1711.00937
 */
import { type Backend, type Quantizer, random, reshape, type Tensor, tidy } from '@vqkit/core';
import {
  type Codebook,
  type CodebookOptions,
  type CodebookParams,
  type CodebookStatistics,
  checkFeatures,
  checkIndices,
  codebook,
} from '@vqkit/core/codebook';

/** Options of `vq`. */
export interface VqOptions extends CodebookOptions {}

/** Parameters of `vq`: the codes, and what their rules remember. */
export interface VqParams extends CodebookParams {}

/** What a batch tells `update`. */
export interface VqStatistics extends CodebookStatistics {}

/** A vector quantizer with one codebook. */
export interface VqQuantizer extends Quantizer<VqParams, VqStatistics> {
  readonly options: Codebook['options'];
  /** Parameters that start from given codes, f32 `[K, D]`, e.g. from `kmeans`. @throws ShapeError `SHAPE_MISMATCH` */
  withCodebook(codes: Tensor): VqParams;
}

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
  const book = codebook(options);
  const { codes, dimension } = book.options;
  return {
    name: 'vq',
    dimension,
    codebookSizes: [codes],
    bitsPerPosition: Math.log2(codes),
    options: book.options,
    init: (backend: Backend, seed: number) => book.init(backend, random(seed)),
    quantize: (params, z) => {
      checkFeatures('vq', z, dimension);
      return tidy(() => {
        const { quantized, indices, losses, statistics } = book.quantize(params, rowsOf(z));
        return { quantized: reshape(quantized, z.shape), indices: mapOf(indices, z), losses, statistics };
      });
    },
    encode: (params, z) => {
      checkFeatures('vq', z, dimension);
      return tidy(() => mapOf(book.encode(params, rowsOf(z)), z));
    },
    decode: (params, indices) => {
      checkIndices('vq', indices, 1);
      return tidy(() => book.decode(params, reshape(indices, indices.shape.slice(0, 3))));
    },
    update: (params, statistics, { key } = {}) => book.update(params, statistics, key),
    trainable: book.trainable,
    withCodebook: (table) => tidy(() => book.replace(table)),
  };
}

function rowsOf(z: Tensor): Tensor {
  return reshape(z, [z.size / Math.max(z.shape[3]!, 1), z.shape[3]!]);
}

function mapOf(indices: Tensor, z: Tensor): Tensor {
  return reshape(indices, [...z.shape.slice(0, 3), 1]);
}
