/**
 * What rows cost, and what can be "40 % less" in the paper's sizes: values and multiplications of quantizers, and of the whole network,
 * for an image of 256² pixels. All is counted in traced graphs; nothing is timed.
 *
 * The number is in a third party's summary of the paper, and neither in its abstract nor in the code that accompanies it. What could be
 * meant is counted in every way that these sources leave open.
 */
import { cpu, disposeTree, type Quantizer, tensorsOf, trace } from '@vqkit/core';
import { graphProducts, type QuantizerCost, quantizerCost } from '@vqkit/core/codebook';
import { type VqganOptions, vqgan } from '@vqkit/models';
import { type DualCodebookParams, dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { product } from '@vqkit/quantizer-product';
import { vq } from '@vqkit/quantizer-vq';
import { type DualRow, dimensionOf, quantizerOf } from './rows.ts';
import type { DualNetwork } from './run.ts';

/** Sides of the image that is coded. */
const side = 256;

/** Parameters, and multiplications to code and to restore the image, without the quantizer. */
export interface NetworkCost {
  readonly parameters: number;
  readonly encodeProducts: number;
  readonly decodeProducts: number;
  /** Pixels per position along each axis. */
  readonly scale: number;
}

/** Costs of a quantizer as it is used, and while it is trained. */
export interface QuantizerCosts {
  /** Folded, where there is something to fold. */
  readonly used: QuantizerCost;
  readonly trained: QuantizerCost;
}

/** Costs of a row. */
export interface RowCost {
  readonly network: NetworkCost;
  readonly quantizer: QuantizerCosts;
}

/** Costs of a VQGAN without its quantizer. */
export function networkCost(options: VqganOptions): NetworkCost {
  const backend = cpu();
  const { scale, dimension, init, encode, decode } = vqgan(options);
  const { encoder, decoder } = init(backend, 0);
  const image = { shape: [1, side, side, 3], dtype: 'f32' } as const;
  const latent = { shape: [1, side / scale, side / scale, dimension], dtype: 'f32' } as const;
  const cost = {
    parameters: tensorsOf([encoder, decoder]).reduce((sum, { size }) => sum + size, 0),
    encodeProducts: graphProducts(trace(encode as never, [encoder as never, image])),
    decodeProducts: graphProducts(trace(decode as never, [decoder as never, latent])),
    scale,
  };
  disposeTree([encoder, decoder]);
  backend.dispose();
  return cost;
}

/** Costs of a quantizer for the image at 1/`scale`. @param folded  Parameters as they are used, where those of training are others. */
function quantizerCosts<P, S>(quantizer: Quantizer<P, S>, scale: number, folded?: P): QuantizerCosts {
  const map = { height: side / scale, width: side / scale, scale };
  const trained = quantizerCost(quantizer, map);
  return { used: folded === undefined ? trained : quantizerCost(quantizer, { ...map, params: folded }), trained };
}

/** Shapes of what a dual codebook is folded to; nothing is computed. */
function foldedShapes(codes: number, dimension: number): unknown {
  const table = { shape: [codes, dimension / 2], dtype: 'f32' } as const;
  return { global: { table }, local: { codebook: table } };
}

/** Costs of a row in its network. */
export function rowCost(row: DualRow, { width, blocks, multipliers }: DualNetwork): RowCost {
  const dimension = dimensionOf(width);
  // the number of groups changes no count
  const sizes = { dimension, channels: width, blocks, groups: 1, ...(multipliers && { multipliers }) };
  const network = networkCost(sizes);
  const folded = row.quantizer === 'dual-codebook' ? foldedShapes(row.codes, dimension) : undefined;
  return { network, quantizer: quantizerCosts(quantizerOf(row, dimension), network.scale, folded) };
}

/** D of the published VQGAN, and pixels along the side of a position. */
const [dimension, scale] = [256, 16];

/** Quantizers in the paper's sizes, by what they are called. */
export function paperCosts(): Readonly<Record<string, QuantizerCosts>> {
  const single = (codes: number): QuantizerCosts => quantizerCosts(vq({ codes, dimension }), scale);
  const dual = (codes: number): QuantizerCosts =>
    quantizerCosts(dualCodebook({ codes, dimension }), scale, foldedShapes(codes, dimension) as DualCodebookParams);
  return {
    'one table of 512': single(512),
    'VQGAN, 1024': single(1024),
    'VQGAN, 16384': single(16384),
    'dual 512 + 512': dual(512),
    'two plain halves 512 + 512': quantizerCosts(product({ codes: 512, dimension: 128 }, { parts: 2 }), scale),
    'dual 32 + 32': dual(32),
  };
}
