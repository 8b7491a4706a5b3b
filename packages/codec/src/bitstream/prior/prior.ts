/**
 * A prior: what a model has learned about its own index maps, shipped as a file beside the weights.
 *
 * It belongs to fixed codebook sizes and has, per plane, an order of the codes (index → leaf of the tree), a frequency
 * table, and optionally the starting state of the mixing model. The file is described in `docs/bitstream.md`.
 */
import { BitstreamError, checkInteger } from '../errors.ts';
import { maxCodebookSize, maxPlanes } from '../index-map.ts';
import type { PlaneModelPrior } from '../mixing/mixing-coder.ts';

/** What a prior says about one plane. */
export interface PlanePrior {
  /** Leaf of every index: a permutation of 0 … K − 1. */
  readonly leafOf: Uint16Array;
  /** Index of every leaf. */
  readonly indexOf: Uint16Array;
  /** Frequency of every index, at least 1 each, their sum 65536. */
  readonly frequencies: Uint32Array;
  /** Start of the mixing model; `undefined` in a prior that holds tables alone. */
  readonly mixing: PlaneModelPrior | undefined;
}

/** A loaded prior. */
export interface Prior {
  /** 16 bits, as written in the files that need it. */
  readonly id: number;
  /** The whole checksum of the prior file, 32 bits. */
  readonly hash: number;
  readonly codebookSizes: readonly number[];
  readonly planes: readonly PlanePrior[];
}

/** First bytes of a prior file: "vqp" and the version. */
export const priorMagic: readonly number[] = [0x76, 0x71, 0x70, 1];

/** Flags of a plane in a prior file. */
export const planeFlags = { order: 1, mixing: 2, network: 4 } as const;

/** Most counters of a plane. */
export const maxCounters = 1 << 23;

/** Most numbers in the tap tables of all networks, and most multiplications that make them: 128 MB, a second. */
export const maxTapTables = { numbers: 1 << 25, multiplications: 1 << 29 } as const;

/** Largest codebook that a prior can describe. */
export const maxPriorCodebookSize: number = maxCodebookSize.static;

/** Checks the codebook sizes for a prior that is to be made. @throws BitstreamError `VALUE_OUT_OF_RANGE`. */
export function checkPriorSizes(codebookSizes: readonly number[]): void {
  checkInteger('Number of planes', codebookSizes.length, 1, maxPlanes);
  for (const size of codebookSizes) checkInteger('Codebook size of a prior', size, 1, maxPriorCodebookSize);
}

/**
 * Scales counts to a static table: every symbol gets at least 1, and the sum is 65536.
 *
 * @param counts  How often every symbol was seen; integers from 0 to 2³¹.
 */
export function normalizeFrequencies(counts: ArrayLike<number>): Uint32Array {
  const size = counts.length;
  checkInteger('Number of symbols', size, 1, maxPriorCodebookSize);
  let sum = 0;
  let top = 0;
  for (let i = 0; i < size; i++) {
    checkInteger('A count', counts[i]!, 0, 2 ** 31);
    sum += counts[i]!;
    if (counts[i]! > counts[top]!) top = i;
  }
  const free = 65536 - size;
  const frequencies = Uint32Array.from(
    { length: size },
    (_, i) => 1 + (sum > 0 ? Math.floor((counts[i]! * free) / sum) : 0),
  );
  frequencies[top]! += 65536 - frequencies.reduce((a, b) => a + b, 0);
  return frequencies;
}

/** Returns the inverse of a permutation, or `undefined` when it is none. */
export function invertOrder(leafOf: Uint16Array): Uint16Array | undefined {
  const indexOf = new Uint16Array(leafOf.length);
  const isTaken = new Uint8Array(leafOf.length);
  for (let i = 0; i < leafOf.length; i++) {
    const leaf = leafOf[i]!;
    if (leaf >= leafOf.length || isTaken[leaf] === 1) return undefined;
    isTaken[leaf] = 1;
    indexOf[leaf] = i;
  }
  return indexOf;
}

/** Returns the error of a damaged or hostile prior file. */
export function invalidPrior(message: string): BitstreamError {
  return new BitstreamError({ code: 'PRIOR_INVALID', message, fix: 'Install the weights of the model again' });
}
