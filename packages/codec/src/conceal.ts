/**
 * Guessing lost indices from their neighbours, so that a file with missing packets still shows a picture. This conceals,
 * it never decodes: what was lost stays marked as lost.
 */

/** The grid of an index map, and whose it is. */
export interface ConcealGrid {
  readonly width: number;
  readonly height: number;
  /** K of each of the S slots of a position. */
  readonly codebookSizes: readonly number[];
  /** Id of the weights that the indices are of. */
  readonly modelId: string;
  /** Of the call that decodes. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fills in what was lost.
 *
 * @param indices  u32 `[height, width, S]`, row-major; 0 where a position is lost.
 * @param lost  1 at every lost position, `[height, width]`.
 * @returns `[height, width, S]`, every index below its K.
 */
export type Conceal = (indices: Uint32Array, lost: Uint8Array, grid: ConcealGrid) => Uint32Array | Promise<Uint32Array>;

/**
 * Fills lost positions: each takes the indices of the nearest position that arrived, found by growing the known area ring
 * by ring (right, left, down, up in this order); all 0 when nothing at all arrived.
 */
export const concealLost: Conceal = (indices, lost, { width, codebookSizes }) => {
  const slots = codebookSizes.length;
  const filled = indices.slice();
  const known = Uint8Array.from(lost, (flag) => 1 - flag);
  let front = Array.from(known.keys()).filter((i) => known[i] === 1);
  while (front.length > 0) {
    const next: number[] = [];
    for (const i of front) {
      const x = i % width;
      const neighbours = [x + 1 < width ? i + 1 : -1, x > 0 ? i - 1 : -1, i + width, i - width];
      for (const j of neighbours) {
        if (j < 0 || j >= known.length || known[j] === 1) continue;
        known[j] = 1;
        filled.copyWithin(j * slots, i * slots, (i + 1) * slots);
        next.push(j);
      }
    }
    front = next;
  }
  return filled;
};
