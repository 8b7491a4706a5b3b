/**
 * Files between two codebooks. The larger one with indices that cost less is a file of any size below its own: of the codes that are nearly
 * as near, those that the entropy coder expects. How much a bit is worth is found by false position on the logarithm of the size.
 */
import { eventLoopTurn, inTurns } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { IndexMap } from '@vqkit/tokenizer';
import { chooseIndices, type Prior } from '../bitstream/index.ts';
import { nearestCodes, quantizationError } from './nearest-codes.ts';
import { WeightSearch } from './weight-search.ts';

/** Files are full from this share of the limit. */
const full = 0.99;

/** Tries until a file is full: one to three do, but for files of a few bytes, which cannot be. */
const mostTries = 10;

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
  /** Those of the indices alone, where the others stay the same whatever these take. */
  readonly indexBytes?: number | undefined;
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
  let best: Made | IndexMap | undefined;
  // What a file has besides its indices tells the size of others before they are made.
  const { bytes, indexBytes } = next;
  let fixed = indexBytes && bytes.length - indexBytes;
  const search = new WeightSearch(bytes.length, (limit * (1 + full)) / 2, fixed ?? 0);
  for (let tries = 0; tries < mostTries; tries++) {
    await eventLoopTurn(signal);
    const weight = search.weight * unit;
    const { map, error, bits } = chooseIndices(candidates, { weight, prior: next.prior, packets });
    const guess = fixed === undefined ? undefined : bits / 8 + fixed;
    const made = guess === undefined || mayBeFull(guess, limit, packets) ? await make(map) : undefined;
    const size = made?.bytes.length ?? guess!;
    if (guess !== undefined && Math.abs(size - guess) > offBy(packets)) {
      // Of pictures that repeat themselves, the coder saves more than the choice knew: nothing that was guessed holds.
      fixed = undefined;
      search.restart();
    }
    search.tell(size, size > limit);
    if (size > limit) continue;
    if (error < least) [best, least] = [made ?? map, error];
    if (isFull(size, limit)) break;
  }
  const filled = best && ('bytes' in best ? best : await make(best));
  return filled && filled.bytes.length <= limit ? filled : undefined;
}

/** Bytes that guesses are off by, at most, but for pictures that repeat themselves. */
function offBy(packets = 1): number {
  return 1 + packets;
}

/** Whether a file of about so many bytes may be a full one. */
function mayBeFull(bytes: number, limit: number, packets: number | undefined): boolean {
  return isFull(bytes + offBy(packets), limit) && bytes - offBy(packets) <= limit;
}
