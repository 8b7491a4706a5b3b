/**
 * The contract between quantizers and everything that takes one: autoencoders, codecs, training loops. A quantizer is a
 * set of pure functions over its parameter tree; parameters live wherever the caller keeps them.
 */

import type { Backend } from '../backend/backend.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What `quantize` returns. */
export interface Quantized<Statistics = unknown> {
  /** Like `z`, f32 `[N, H, W, D]`; gradients flow as the quantizer's gradient estimator says. */
  readonly quantized: Tensor;
  /** u32 `[N, H, W, S]`: one index per position and slot (part, depth or book); slot s is in `[0, codebookSizes[s])`. */
  readonly indices: Tensor;
  /** Scalar losses by name (`commitment`, `codebook`, `entropy`, …), already weighted; their sum is what to add to the training loss. */
  readonly losses: Readonly<Record<string, Tensor>>;
  /** What `update` needs from this batch; a tree of tensors without gradients. */
  readonly statistics: Statistics;
}

/** What `quantize` may be told besides its input; all of it can be an input of a compiled step. */
export interface QuantizeOptions {
  /**
   * How much each position counts in losses and statistics: f32, not negative, of a shape that broadcasts to
   * `[N, H, W, 1]`. Positions of weight 0 are quantized but leave no trace. Default: all 1.
   */
  readonly weights?: Tensor;
  /** u32 `[2]`: fresh random words for what is random in training (dropout, drawn codes, noise); without it nothing is. */
  readonly key?: Tensor;
}

/** What the non-gradient part of training may use besides the statistics. */
export interface UpdateOptions {
  /** u32 `[2]`: fresh random words for this step (revival, anchors); an input, so that a compiled step stays pure. */
  readonly key?: Tensor;
}

/**
 * A vector quantizer. `P` is its parameter tree (codebooks, network weights, running statistics).
 *
 * Laws, checked by the shared contract suite: `decode(params, encode(params, z))` equals `quantize(params, z).quantized`
 * in value; the same seed gives the same parameters; nothing here reads a value back. Parameters that gradients do not train
 * (averages, frozen tables) have gradients that are zero: Adam and Muon leave them as they are, weight decay would not.
 */
export interface Quantizer<P = unknown, Statistics = unknown> {
  /** Short name: `vq`, `looc`, `fsq`, … */
  readonly name: string;
  /** D: length of the vectors it takes. */
  readonly dimension: number;
  /** Number of codes per slot; the product is what one position can say. */
  readonly codebookSizes: readonly number[];
  /** Σ log₂ of the codebook sizes, times the index positions per latent position where these differ (see the package). */
  readonly bitsPerPosition: number;
  /** Fresh parameters. */
  init(backend: Backend, seed: number): P;
  /** @param z  f32 `[N, H, W, D]`. @throws ShapeError `SHAPE_MISMATCH` when the last axis is not D. */
  quantize(params: P, z: Tensor, options?: QuantizeOptions): Quantized<Statistics>;
  /** @returns u32 `[N, H, W, S]`. */
  encode(params: P, z: Tensor): Tensor;
  /** @param indices  u32 `[N, H, W, S]`. @returns f32 `[N, H, W, D]`. */
  decode(params: P, indices: Tensor): Tensor;
  /** The part of training that is not gradient descent (EMA, anchors, k-means start, revival); returns new parameters. Identity where there is none. */
  update(params: P, statistics: Statistics, options?: UpdateOptions): P;
}
