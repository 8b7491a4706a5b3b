/**
 * The codes of one codebook as points of a plane, near where the codes are near (UMAP of their Euclidean distances, by `umap-js`).
 * Directions and distances across the plane mean nothing, neighbourhoods do. The same seed gives the same map.
 *
 * @see McInnes, Healy & Melville 2018, arXiv:1802.03426
 */
import { isTensor, random } from '@vqkit/core';
import { UMAP } from 'umap-js';

/** A map of K codes. */
export interface CodeMap {
  /** Places of the codes, `[K]` each, to three decimals. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** How often each code occurred, `[K]`. */
  readonly uses: readonly number[];
}

/** How many codes have a map: fewer have no neighbourhoods, more take minutes. */
export const mappedSizes = { least: 8, most: 1024 } as const;

/** McInnes' default. */
const usualNeighbors = 15;

/**
 * Lays codes out.
 *
 * @param codes  `[K, d]`, row by row; K = `uses.length`.
 * @param uses  How often each code occurred.
 * @returns undefined for sizes that have no map.
 */
export function mapOfCodes(codes: ArrayLike<number>, uses: ArrayLike<number>, seed = 1): CodeMap | undefined {
  const K = uses.length;
  if (K < mappedSizes.least || K > mappedSizes.most) return undefined;
  const d = codes.length / K;
  const vectors = Array.from({ length: K }, (_, k) => Array.from({ length: d }, (_, i) => codes[k * d + i]!));
  const nNeighbors = Math.min(usualNeighbors, Math.floor(K / 2));
  const places = new UMAP({ nNeighbors, random: numbersOf(seed) }).fit(vectors);
  const axis = (i: number): number[] => places.map((place) => Number(place[i]!.toFixed(3)));
  return { x: axis(0), y: axis(1), uses: Array.from(uses) };
}

/** Millions of numbers are drawn: many at a time. */
function numbersOf(seed: number): () => number {
  const stream = random(seed);
  let block: ArrayLike<number> = [];
  let next = 0;
  return () => {
    if (next === block.length) [block, next] = [stream.uniformArray(4096), 0];
    return block[next++]!;
  };
}

/** The codes of quantizers with one codebook, `[K, d]`; undefined for others. */
export async function singleCodebook(params: unknown, codes: number): Promise<ArrayLike<number> | undefined> {
  const book = (params as { readonly codebook?: unknown } | null)?.codebook;
  return isTensor(book) && book.shape.length === 2 && book.shape[0] === codes ? book.data() : undefined;
}
