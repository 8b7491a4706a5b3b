/** The codes that a hole may borrow: what stands around it. */
import { concealLost } from '../conceal.ts';

/** Directions in which a position looks: to the left, to the right, up, down. */
export const sights = 4;

/**
 * The first index that is known in each direction along row and column; where a direction ends at the rim, the nearest known
 * index. All 0 where nothing is known.
 *
 * @param indices  `[height, width]`.
 * @param holes  1 where an index is not known.
 * @returns u32 `[height, width, 4]`; of positions that are known their own index, four times.
 */
export function codesInSight(indices: Uint32Array, holes: Uint8Array, width: number, height: number): Uint32Array {
  const nearest = concealLost(indices, holes, { width, height, codebookSizes: [0], modelId: '' }) as Uint32Array;
  const seen = new Uint32Array(sights * indices.length);
  const look = (direction: number, start: number, step: number, count: number): void => {
    let last: number | undefined;
    for (let i = 0, at = start; i < count; i++, at += step) {
      if (holes[at] === 0) last = indices[at]!;
      seen[sights * at + direction] = last ?? nearest[at]!;
    }
  };
  for (let y = 0; y < height; y++) {
    look(0, y * width, 1, width);
    look(1, (y + 1) * width - 1, -1, width);
  }
  for (let x = 0; x < width; x++) {
    look(2, x, width, height);
    look(3, x + (height - 1) * width, -width, height);
  }
  return seen;
}
