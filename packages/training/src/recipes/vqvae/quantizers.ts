/**
 * Every quantizer by the name of its package, made from options that are plain JSON: what a manifest says, and what the
 * command line takes. Training and opening use the same factories, so that parameters fit.
 */
import type { Quantizer } from '@vqkit/core';
import { cvqAnchors } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { vq } from '@vqkit/quantizer-vq';
import type { QuantizerSpec } from '@vqkit/tokenizer';

/** Options of one codebook. */
interface BookOptions {
  readonly codes: number;
  readonly dimension: number;
}

/** A transformer for small networks: the paper's has six layers, 2048 wide. */
const transformer = { layers: 2, heads: 4, feedForward: 256, scale: 0.1 };

const revival = cvqAnchors({ kind: 'closest' });

/** Factories by name; what they take is JSON. Codes that are not used are pulled to vectors as in CVQ. */
export const quantizers = {
  vq: (options: BookOptions) => vq({ ...options, revival }),
  looc,
  'dual-codebook': (options: BookOptions) => dualCodebook({ transformer, ...options }),
  product: ({ parts, ...part }: BookOptions & { readonly parts: number }) => product({ ...part, revival }, { parts }),
  residual: ({ depth, ...stage }: BookOptions & { readonly depth: number }) =>
    residual({ ...stage, revival }, { depth }),
  fsq,
  'lookup-free': lfq,
  simvq,
} as const;

/** Names of quantizers. */
export type QuantizerName = keyof typeof quantizers;

/** The names, for options. */
export const quantizerNames = Object.keys(quantizers) as [QuantizerName, ...QuantizerName[]];

/** Sizes that any of them may want. */
export interface QuantizerSizes {
  readonly codes: number;
  readonly dimension: number;
  readonly parts: number;
  readonly depth: number;
  readonly levels: readonly number[];
  readonly bits: number;
}

/** A quantizer by name with those sizes that it takes. FSQ and LFQ fix the dimension themselves. */
export function quantizerSpec(
  name: QuantizerName,
  sizes: QuantizerSizes,
): QuantizerSpec & { readonly name: QuantizerName } {
  const { codes, dimension, parts, depth, levels, bits } = sizes;
  const options = {
    vq: { codes, dimension },
    looc: { codes, pieces: parts, pieceDimension: dimension / parts },
    'dual-codebook': { codes, dimension },
    product: { codes, dimension: dimension / parts, parts },
    residual: { codes, dimension, depth },
    fsq: { levels },
    'lookup-free': { bits },
    simvq: { codes, dimension },
  }[name];
  return { name, options };
}

/** A quantizer whose parameters and statistics nobody looks into. */
export type AnyQuantizer = Quantizer<unknown, unknown>;

/** Makes the quantizer of a specification. @throws ValueError as its package */
export function makeQuantizer({ name, options }: QuantizerSpec & { readonly name: QuantizerName }): AnyQuantizer {
  return (quantizers[name] as (options: object) => unknown)(options) as AnyQuantizer;
}

/** Parameters as they are published: a dual codebook's transformer gives way to its table. */
export function folded(quantizer: AnyQuantizer, params: unknown): unknown {
  const { name, fold } = quantizer as AnyQuantizer & { fold?: (params: unknown) => unknown };
  return name === 'dual-codebook' ? fold!(params) : params;
}
