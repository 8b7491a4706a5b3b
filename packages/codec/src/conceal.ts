/**
 * Guessing lost indices from their neighbours, so that a file with missing packets still shows a picture. This conceals,
 * it never decodes: what was lost stays marked as lost.
 */

/**
 * Fills lost positions: each takes the index of the nearest position that arrived, found by growing the known area ring by
 * ring (left, right, up, down in this order).
 *
 * @param indices  Row-major `height × width`; changed in place.
 * @param lost  1 where an index is unknown.
 * @returns `indices`; all 0 when nothing at all arrived.
 */
export function concealLost(indices: Uint32Array, lost: Uint8Array, width: number): Uint32Array {
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
        indices[j] = indices[i]!;
        next.push(j);
      }
    }
    front = next;
  }
  return indices;
}
