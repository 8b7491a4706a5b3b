/**
 * A codebook as a quantizer of feature maps: what `@vqkit/quantizer-vq` is, and what product and residual quantizers
 * use for their parts when they are given options instead of a quantizer.
 */

import { reshape } from '../ops/reshape.ts';
import { random } from '../random/random.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  type Codebook,
  type CodebookOptions,
  type CodebookParams,
  type CodebookStatistics,
  codebook,
} from './codebook.ts';
import { checkFeatures, checkIndices } from './feature-checks.ts';
import type { Quantizer } from './quantizer.ts';
import { weightRows } from './weighted.ts';

/** A quantizer with one codebook. */
export interface CodebookQuantizer extends Quantizer<CodebookParams, CodebookStatistics> {
  readonly options: Codebook['options'];
  /** Parameters that start from given codes, f32 `[K, D]`, e.g. from `kmeans`. @throws ShapeError `SHAPE_MISMATCH` */
  withCodebook(codes: Tensor): CodebookParams;
}

/**
 * Makes a quantizer with one codebook.
 *
 * @param name  For error messages.
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 */
export function codebookQuantizer(name: string, options: CodebookOptions): CodebookQuantizer {
  const book = codebook(options);
  const { codes, dimension } = book.options;
  const mapOf = (indices: Tensor, z: Tensor): Tensor => reshape(indices, [...z.shape.slice(0, 3), 1]);
  return {
    name,
    dimension,
    codebookSizes: [codes],
    bitsPerPosition: Math.log2(codes),
    options: book.options,
    init: (backend, seed) => book.init(backend, random(seed)),
    quantize: (params, z, { weights, key } = {}) => {
      checkFeatures(name, z, dimension);
      return tidy(() => {
        const result = book.quantize(params, rowsOf(z), { weights: weightRows(weights, z.shape), key });
        const { losses, statistics } = result;
        return { quantized: reshape(result.quantized, z.shape), indices: mapOf(result.indices, z), losses, statistics };
      });
    },
    encode: (params, z) => {
      checkFeatures(name, z, dimension);
      return tidy(() => mapOf(book.encode(params, rowsOf(z)), z));
    },
    decode: (params, indices) => {
      checkIndices(name, indices, 1);
      return tidy(() => book.decode(params, reshape(indices, indices.shape.slice(0, 3))));
    },
    update: (params, statistics, { key } = {}) => book.update(params, statistics, key),
    withCodebook: (table) => book.replace(table),
  };
}

/** A feature map as a list of vectors: `[N, H, W, D]` → `[N·H·W, D]`. */
export function rowsOf(z: Tensor): Tensor {
  const dimension = z.shape.at(-1)!;
  return reshape(z, [z.size / Math.max(dimension, 1), dimension]);
}
