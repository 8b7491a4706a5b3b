/** The recipe of a row: VQGAN of a small width with the row's quantizer, all alike but for that. */
import { vqganRecipe } from '@vqkit/training';
import type { PhotoContext, PhotoResult } from '../shared/photo-rows.ts';
import { type RowCost, rowCost } from './costs.ts';
import { type DualRow, dimensionOf } from './rows.ts';

/** Sizes of the network, and how it learns. */
export interface DualNetwork {
  /** Channels at full resolution; 128 in the paper. */
  readonly width: number;
  /** Residual blocks per resolution; 2 in the paper. */
  readonly blocks: number;
  /** Steps before the discriminator begins. */
  readonly delay: number;
  /** Peak learning rate. */
  readonly rate: number;
  /** Channels of each resolution in multiples of the width. Default: those of the paper, at 1/16. */
  readonly multipliers?: readonly number[];
}

/** What a row came to: its scores, its costs, and the sizes that all rows share. */
export interface DualResult extends PhotoResult {
  readonly network: DualNetwork;
  readonly cost: RowCost;
}

/** Makes recipes of rows. No step is without codes: those that gradients move start as in the paper. */
export function dualRecipes(
  { data, heldOut, lpipsWeights, steps, batch, crop }: PhotoContext,
  { width, blocks, delay, rate, multipliers }: DualNetwork,
) {
  return ({ quantizer, codes, follow }: DualRow) =>
    vqganRecipe({
      ...{ data, heldOut, lpipsWeights, steps, batch, crop, blocks, delay, rate, multipliers },
      ...{ channels: width, quantizer, codes, follow, dimension: dimensionOf(width), parts: 2 },
      ...{ optimizer: 'muon', validateSteps: steps, warmup: 0 },
    });
}

/** Adds costs to what a row came to. */
export function withCosts(result: PhotoResult, row: DualRow, network: DualNetwork): DualResult {
  return { ...result, network, cost: rowCost(row, network) };
}
