/**
 * SimVQ: the codes are a frozen random table seen through one learned linear map, so every step moves all codes, also
 * those that nothing chose. After training the map is multiplied into the table, and plain vector quantization remains.
 *
 *   codes [K,D] (frozen) · weight [D,D] (learned) = table [K,D] → nearest code → quantized
 *
 * @see Zhu et al. 2024, arXiv:2411.02038
 */
import { matmul, type Quantizer, random, reshape, stopGradient, type Tensor, tensor, tidy } from '@vqkit/core';
import {
  type CodebookStatistics,
  checkAmount,
  checkFeatures,
  checkIndices,
  codebook,
  type GradientEstimator,
  learned,
  type Metric,
  rowsOf,
  weightRows,
} from '@vqkit/core/codebook';

/** Options of `simvq`. */
export interface SimvqOptions {
  /** K ≥ 1. */
  readonly codes: number;
  /** D ≥ 1. */
  readonly dimension: number;
  /** Default `l2`. */
  readonly metric?: Metric;
  /** Default `straightThrough`. */
  readonly gradient?: GradientEstimator;
  /** Weight of mean‖z − sg(q)‖², ≥ 0. Default 0.25. */
  readonly commitment?: number;
  /** Weight of mean‖sg(z) − q‖², which trains the map, > 0. Default 1. */
  readonly weight?: number;
  /** Standard deviation of the frozen codes, > 0. Default 1/√D, as the paper's code. */
  readonly deviation?: number;
}

/** Parameters of `simvq`. */
export interface SimvqParams {
  /** The frozen table, f32 `[K, D]`. */
  readonly codes: Tensor;
  /** The learned map, f32 `[D, D]`; the identity at first. */
  readonly weight: Tensor;
}

/** A vector quantizer whose codes are seen through a linear map. */
export interface SimvqQuantizer extends Quantizer<SimvqParams, CodebookStatistics> {
  /** The codes as they are used, f32 `[K, D]`: a codebook for `@vqkit/quantizer-vq`. */
  fold(params: SimvqParams): Tensor;
}

/**
 * Makes a SimVQ quantizer. One index per position: log₂ K bits; nothing to update besides gradients.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = simvq({ codes: 4096, dimension: 16 });
 * const params = quantizer.init(backend, 1);
 * const table = quantizer.fold(params); // [4096, 16]
 */
export function simvq(options: SimvqOptions): SimvqQuantizer {
  const { codes, dimension, metric, gradient, commitment, weight = 1 } = options;
  const { deviation = 1 / Math.sqrt(dimension) } = options;
  checkAmount('simvq: deviation', deviation, '> 0');
  const book = codebook({ codes, dimension, metric, gradient, commitment, codebook: learned({ weight }) });
  const tableOf = (params: SimvqParams): Tensor => matmul(stopGradient(params.codes), params.weight);
  return {
    name: 'simvq',
    dimension,
    codebookSizes: [codes],
    bitsPerPosition: Math.log2(codes),
    init: (backend, seed) => ({
      codes: random(seed).normal(backend, [codes, dimension], 0, deviation),
      weight: tensor(backend, identityMatrix(dimension), [dimension, dimension]),
    }),
    quantize: (params, z, { weights, key } = {}) => {
      checkFeatures('simvq', z, dimension);
      return tidy(() => {
        const own = { codebook: tableOf(params) };
        const options = { weights: weightRows(weights, z.shape), key };
        const { quantized, indices, losses, statistics } = book.quantize(own, rowsOf(z), options);
        return {
          quantized: reshape(quantized, z.shape),
          indices: reshape(indices, [...z.shape.slice(0, 3), 1]),
          losses,
          statistics,
        };
      });
    },
    encode: (params, z) => {
      checkFeatures('simvq', z, dimension);
      return tidy(() => reshape(book.encode({ codebook: tableOf(params) }, rowsOf(z)), [...z.shape.slice(0, 3), 1]));
    },
    decode: (params, indices) => {
      checkIndices('simvq', indices, 1);
      return tidy(() => book.decode({ codebook: tableOf(params) }, reshape(indices, indices.shape.slice(0, 3))));
    },
    update: (params) => ({ codes: stopGradient(params.codes), weight: stopGradient(params.weight) }),
    fold: (params) => tidy(() => tableOf(params)),
  };
}

function identityMatrix(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}
