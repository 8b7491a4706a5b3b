/** What a transformer over index maps learns from: a frozen tokenizer on a backend, its maps at any of its rates, and their codes. */
import {
  add,
  type Backend,
  cast,
  concat,
  disposeTree,
  gather,
  mul,
  oneHot,
  ones,
  pad,
  range,
  reshape,
  stack,
  sum,
  type Tensor,
  tidy,
  uploadTree,
} from '@vqkit/core';
import type { RateModel, TokenizerModel } from '@vqkit/tokenizer';
import { TrainingError } from '../../errors.ts';

/** Codes of all rates. R is the number of rates, K the size of the largest codebook. */
export interface CodeTables {
  /** f32 `[R, K, D]`; smaller codebooks are filled up with zeros. */
  readonly codes: Tensor;
  /** 1 where there is a code, f32 `[R, K]`. */
  readonly isCode: Tensor;
}

/** A tokenizer on a backend. */
export interface FrozenTokenizer extends CodeTables {
  readonly encoder: unknown;
  readonly quantizers: readonly unknown[];
}

/** Sizes of the codebooks, one of each rate. @throws TrainingError `OPTION_INVALID` for several indices a position. */
export function codebookSizesOf({ manifest, rates }: TokenizerModel): number[] {
  return rates.map(({ codebookSizes }) => {
    if (codebookSizes.length === 1) return codebookSizes[0]!;
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `index-transformer: expected a tokenizer of one index a position, got ${codebookSizes.length} of '${manifest.id}'`,
      fix: 'Use weights of the quantizer vq, fsq, simvq, lookup-free or dual-codebook',
    });
  });
}

/** Vectors of all codes of a rate, f32 `[K, D]`. */
export function codesOf(backend: Backend, { quantizer, params, codebookSizes: [size] }: RateModel): Tensor {
  return tidy(() => {
    const all = reshape(range(backend, size!), [1, 1, size!, 1]);
    return reshape(quantizer.decode(uploadTree(backend, params), all), [size!, quantizer.dimension]);
  });
}

/** Makes the tables of codes. */
export function codeTables(backend: Backend, model: TokenizerModel): CodeTables {
  const most = Math.max(...codebookSizesOf(model));
  const books = model.rates.map((rate) => codesOf(backend, rate));
  const filledUp = (x: Tensor): Tensor =>
    pad(x, [0, ...x.shape.slice(1).map(() => 0)], [most - x.shape[0]!, ...x.shape.slice(1).map(() => 0)]);
  const tables = tidy(() => ({
    codes: stack(books.map(filledUp)),
    isCode: stack(books.map(({ shape: [size] }) => filledUp(ones(backend, [size!])))),
  }));
  disposeTree(books);
  return tables;
}

/** Uploads what makes index maps of images. */
export function freeze(backend: Backend, model: TokenizerModel): FrozenTokenizer {
  return {
    encoder: uploadTree(backend, model.encoder),
    quantizers: model.rates.map(({ params }) => uploadTree(backend, params)),
    ...codeTables(backend, model),
  };
}

/** Index maps with what they stand for. */
export interface IndexMaps {
  /** u32 `[N, h, w]`. */
  readonly indices: Tensor;
  /** f32 `[N, h, w, D]`. */
  readonly vectors: Tensor;
  /** Codes of the rate of each map, f32 `[N, K, D]`. */
  readonly codes: Tensor;
  /** f32 `[N, 1, 1, K]`. */
  readonly isCode: Tensor;
}

/**
 * Codes images, each at a rate of its own.
 *
 * @param x  f32 `[N, H, W, C]` in [−1, 1].
 * @param rates  Places in the list of rates, u32 `[N]`.
 */
export function mapsOf(
  { network, rates: all }: TokenizerModel,
  frozen: FrozenTokenizer,
  x: Tensor,
  rates: Tensor,
): IndexMaps {
  return tidy(() => {
    const z = network.encode(frozen.encoder, x);
    const everyRate = concat(
      all.map(({ quantizer }, i) => quantizer.encode(frozen.quantizers[i], z)),
      -1,
    );
    const chosen = reshape(oneHot(rates, all.length), [-1, 1, 1, all.length]);
    // Exact: indices are below 2²⁴.
    return lookedUp(frozen, cast(sum(mul(cast(everyRate, 'f32'), chosen), { axes: [3] }), 'u32'), rates);
  });
}

/** Looks indices up, u32 `[N, h, w]`, each map at a rate of its own. */
export function lookedUp({ codes, isCode }: CodeTables, indices: Tensor, rates: Tensor): IndexMaps {
  return tidy(() => {
    const [count, most, dimension] = codes.shape as [number, number, number];
    const rows = add(indices, reshape(mul(rates, most), [-1, 1, 1]));
    return {
      indices,
      vectors: gather(reshape(codes, [count * most, dimension]), rows),
      codes: gather(codes, rates),
      isCode: reshape(gather(isCode, rates), [-1, 1, 1, most]),
    };
  });
}
