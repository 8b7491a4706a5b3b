/** Options, parameters and statistics of the dual codebook. */
import type { Quantizer, Tensor } from '@vqkit/core';
import type { CodebookOptions, CodebookParams, CodebookStatistics } from '@vqkit/core/codebook';
import type { TableTransformerParams } from './table-transformer.ts';

/** Sizes of the transformer that makes the global table. */
export interface TableTransformerOptions {
  /** Encoder layers, ≥ 1. Default 6. */
  readonly layers?: number;
  /** Attention heads; must divide D/2. Default 8. */
  readonly heads?: number;
  /** Width of the feed-forward part, ≥ 1. Default 2048. */
  readonly feedForward?: number;
  /** Share of values dropped in training, in [0, 1), in steps of 1/256; at work only where `quantize` gets a key. Default 0.1. */
  readonly dropout?: number;
  /** Start of a learned factor for the whole table; 0.1 suits small networks. Default: no factor, as the paper. */
  readonly scale?: number;
}

/** Options of `dualCodebook`. */
export interface DualCodebookOptions {
  /** n ≥ 1: codes of each table. */
  readonly codes: number;
  /** D, even. */
  readonly dimension: number;
  readonly transformer?: TableTransformerOptions;
  /** The local table: its rule, revival and start, as for vq. Default: learned by gradient, uniform in ±1/n. */
  readonly local?: Pick<CodebookOptions, 'codebook' | 'revival' | 'start'>;
  /** Weight of the commitment losses, ≥ 0. Default 0.25. */
  readonly commitment?: number;
  /** Default `straightThrough`. */
  readonly gradient?: CodebookOptions['gradient'];
}

/** Parameters of `dualCodebook`: in training a transformer, after `fold` its table. */
export interface DualCodebookParams {
  readonly global: TableTransformerParams | { readonly table: Tensor };
  readonly local: CodebookParams;
}

/** What a batch tells `update`, and how both tables were used. */
export interface DualCodebookStatistics {
  readonly global: CodebookStatistics;
  readonly local: CodebookStatistics;
}

/** A quantizer of two halves. */
export interface DualCodebookQuantizer extends Quantizer<DualCodebookParams, DualCodebookStatistics> {
  /** The global codes as they are used, without dropout, f32 `[n, D/2]`. */
  table(params: DualCodebookParams): Tensor;
  /** Parameters for use: the table instead of its transformer. Folding again changes nothing. */
  fold(params: DualCodebookParams): DualCodebookParams;
}
