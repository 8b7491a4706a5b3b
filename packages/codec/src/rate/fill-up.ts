/**
 * Files between two codebooks. The larger one with indices that cost less is a file of any size below its own: of the codes that are nearly
 * as near, those that the entropy coder expects. How much a bit is worth is found by false position on the logarithm of the size.
 */
import { eventLoopTurn, inTurns } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { IndexMap } from '@vqkit/tokenizer';
import { chooseIndices, type Prior } from '../bitstream/index.ts';
import { nearestCodes, quantizationError } from './nearest-codes.ts';

/** Files are full from this share of the limit. */
const full = 0.99;

/** Tries until a file is full: two to four do, but for files of a few bytes, which cannot be. */
const mostTries = 6;

/** A codebook, and what the quantizer chose of it. */
export interface Level {
  readonly map: IndexMap;
  /** f32 `[K, D]`. */
  readonly vectors: Float32Array;
}

/** A map and its whole file, which needs the prior where there is one. */
export interface Made {
  readonly map: IndexMap;
  readonly prior: Prior | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What to fill up. */
export interface FillOptions {
  /** Bytes of the whole file, at most. */
  readonly limit: number;
  /** What codes should be near, f32 `[h, w, D]`. */
  readonly features: Raster<Float32Array>;
  /** What a bit is measured by: squared distance of features to their nearest codes, mean over positions. */
  readonly unit: number;
  /** The largest codebook whose file fits as it is. */
  readonly fits: Level;
  /** One whose file is too large. */
  readonly next: Level & Made;
  readonly packets: number | undefined;
  /** Makes the whole file of a map. */
  make(map: IndexMap): Promise<Made>;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a file leaves less than a hundredth of its limit, or no byte of it. */
export function isFull(bytes: number, limit: number): boolean {
  return bytes >= Math.floor(full * limit);
}

/**
 * Makes a file of the next codebook that fits.
 *
 * @returns Undefined where none was found that is nearer to the features than the file that fits as it is.
 */
export async function fillUp(options: FillOptions): Promise<Made | undefined> {
  const { limit, features, unit, fits, next, packets, make, signal } = options;
  const candidates = await inTurns(nearestCodes(features, next.map, next.vectors), signal);
  let least = quantizationError(features, fits.map, fits.vectors);
  let best: Made | undefined;
  const aim = (limit * (1 + full)) / 2;
  let low = { weight: 0, size: next.bytes.length };
  let high: typeof low | undefined;
  // A bit that is worth a tenth of the mean error takes about a tenth of the bytes.
  let weight = Math.max(1 - limit / low.size, 0.01);
  for (let tries = 0; tries < mostTries; tries++) {
    await eventLoopTurn(signal);
    const { map, error } = chooseIndices(candidates, { weight: weight * unit, prior: next.prior, packets });
    const made = await make(map);
    const here = { weight, size: made.bytes.length };
    if (here.size > limit) low = here;
    else {
      high = here;
      if (error < least) [best, least] = [made, error];
      if (isFull(here.size, limit)) break;
    }
    const share = high && Math.log(low.size / aim) / Math.log(low.size / high.size);
    weight = high ? low.weight + Math.min(Math.max(share!, 0.1), 0.9) * (high.weight - low.weight) : 2 * weight;
  }
  return best;
}
