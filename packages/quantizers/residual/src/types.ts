/** What a residual quantizer is, beyond the contract of quantizers. */
import type { Quantized, QuantizeOptions, Quantizer, Tensor } from '@vqkit/core';

/** Parameters of `residual`: of each stage, or of the one that all share. */
export interface ResidualParams<P> {
  readonly stages: readonly P[];
}

/** What `quantize` returns. */
export interface ResidualQuantized<S> extends Quantized<readonly S[]> {
  /** Which stages each image used, f32 `[N, 1, 1, depth·S]` of 0 and 1; only where dropout was at work. */
  readonly mask?: Tensor;
}

/** What `decode` may leave out. */
export interface DecodeOptions {
  /** Use the first so many stages, 1 … depth. Default: all. */
  readonly depth?: number;
  /** The mask that `quantize` returned: then the result is its `quantized`. */
  readonly mask?: Tensor;
}

/** A quantizer of stages. */
export interface ResidualQuantizer<P, S, Q extends Quantizer<P, S> = Quantizer<P, S>>
  extends Quantizer<ResidualParams<P>, readonly S[]> {
  /** The quantizer of a stage. */
  readonly stage: Q;
  readonly depth: number;
  readonly isShared: boolean;
  readonly scale: number | readonly number[];
  quantize(params: ResidualParams<P>, z: Tensor, options?: QuantizeOptions): ResidualQuantized<S>;
  /** @param indices  u32 `[N, H, W, depth·S]`; slots of stages that are not used may hold any valid index. */
  decode(params: ResidualParams<P>, indices: Tensor, options?: DecodeOptions): Tensor;
}
