/**
 * What the mixing model looks at: taps, contexts, and the default choice of both.
 *
 * A tap is a value that is known before the one being coded: an index to the left or above, or an index of another plane
 * at the same place. A context is a combination of leading bits of some taps that selects a set of counters.
 */

/** One value known before the current one. */
export interface Tap {
  /** The plane it is read from. */
  readonly plane: number;
  /** Columns to the right of the current position, −128 … 127. */
  readonly dx: number;
  /** Rows down, −128 … 0. The tap comes before the current value: above, or to the left, or an earlier plane here. */
  readonly dy: number;
}

/** A set of counters for every combination of leading bits of some taps. */
export interface Context {
  /** Which taps, by number, and how many leading bits of each (fewer where its plane has fewer). */
  readonly parts: readonly { readonly tap: number; readonly bits: number }[];
  /** Only the first `nodeBits` decisions of an index use the context. */
  readonly nodeBits: number;
}

/** What the model of one plane looks at. */
export interface PlaneProfile {
  readonly taps: readonly Tap[];
  readonly contexts: readonly Context[];
}

/** The neighbours in the order of their use: four next ones, then those at distance two. */
const neighbours: readonly (readonly [number, number])[] = [
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
  [-2, 0],
  [0, -2],
  [1, -2],
  [2, -1],
  [-1, -2],
  [-2, -1],
];

/** Most earlier planes that a plane looks at. */
const maxEarlierPlanes = 4;

/** Bits of a number below `size`: the depth of its tree of decisions, ⌈log2 size⌉; 0 for one value. */
export function depthOf(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1);
}

/**
 * The taps and contexts that are used where no prior names others.
 *
 * @param codebookSizes  K of every plane.
 * @param plane  The plane to be coded.
 */
export function defaultProfile(codebookSizes: readonly number[], plane: number): PlaneProfile {
  const taps: Tap[] = neighbours.map(([dx, dy]) => ({ plane, dx, dy }));
  for (let earlier = Math.max(0, plane - maxEarlierPlanes); earlier < plane; earlier++) {
    taps.push({ plane: earlier, dx: 0, dy: 0 });
  }
  const depth = depthOf(codebookSizes[plane]!);
  // Six bits of neighbours and eight decisions keep the tables small; finer situations are met too rarely to be learned.
  const nodeBits = Math.min(8, depth);
  const single = (tap: number): Context => ({ parts: [{ tap, bits: 6 }], nodeBits });
  const pair = (a: number, b: number): Context => ({
    parts: [
      { tap: a, bits: 3 },
      { tap: b, bits: 3 },
    ],
    nodeBits,
  });
  const contexts = [single(0), single(1), pair(0, 1)];
  for (let tap = neighbours.length; tap < taps.length; tap++) contexts.push(single(tap));
  return { taps, contexts };
}
