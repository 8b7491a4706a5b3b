/**
 * Filling holes in several passes, the surest first: what is filled helps to guess the rest.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200, section 3.2
 */

/** A map in the middle of being filled. */
export interface OpenMap {
  /** u32, in raster order; of maps with several indices a position, those of a position side by side. */
  readonly indices: Uint32Array;
  /** 1 in holes, one per position. */
  readonly holes: Uint8Array;
}

/** What is guessed of every position; what is said where nothing is missing is ignored. */
export interface Guesses {
  /** As `OpenMap.indices`. */
  readonly indices: ArrayLike<number>;
  /** One per position: more is surer. */
  readonly sureness: ArrayLike<number>;
}

/** Holes that are left after a pass: those of the start times the cosine of its share of a right angle; 0 after the last. */
export function holesAfter(holes: number, pass: number, passes: number): number {
  return Math.floor(holes * Math.cos((Math.PI / 2) * (pass / passes)));
}

/**
 * Fills holes with the guesses that are surest until `left` are left; of equally sure ones the first. Nothing but holes
 * changes.
 *
 * @returns A new map.
 */
export function fillSurest(map: OpenMap, guesses: Guesses, left: number): OpenMap {
  const [indices, holes] = [map.indices.slice(), map.holes.slice()];
  const slots = indices.length / holes.length;
  const places = Array.from(holes.keys()).filter((at) => holes[at] === 1);
  if (left > 0) places.sort((a, b) => guesses.sureness[b]! - guesses.sureness[a]! || a - b);
  for (const at of places.slice(0, Math.max(places.length - left, 0))) {
    for (let i = at * slots; i < (at + 1) * slots; i++) indices[i] = guesses.indices[i]!;
    holes[at] = 0;
  }
  return { indices, holes };
}
