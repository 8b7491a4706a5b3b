/**
 * Filling holes in several passes, the surest first: what is filled helps to guess the rest.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200, section 3.2; without its noise, since one likely map is wanted
 */

/** A map in the middle of being filled. */
export interface OpenMap {
  /** u32, in raster order. */
  readonly indices: Uint32Array;
  /** 1 in holes. */
  readonly holes: Uint8Array;
}

/** What a network says of every position: index and probability, two numbers each. */
export type Guesses = ArrayLike<number>;

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
  const places = Array.from(holes.keys()).filter((at) => holes[at] === 1);
  if (left > 0) places.sort((a, b) => guesses[2 * b + 1]! - guesses[2 * a + 1]! || a - b);
  for (const at of places.slice(0, Math.max(places.length - left, 0))) {
    indices[at] = guesses[2 * at]!;
    holes[at] = 0;
  }
  return { indices, holes };
}
