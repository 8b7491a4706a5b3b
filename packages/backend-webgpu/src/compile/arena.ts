/**
 * Which buffer every intermediate value of a graph lives in. Values whose lives do not overlap share a buffer; a buffer
 * is as large as the largest value that it ever holds.
 */

/** A value's life, in units of work; both ends inclusive. */
export interface Life {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Sizes of the buffers, and the buffer of each value. */
export interface Arena {
  readonly sizes: readonly number[];
  readonly slots: readonly number[];
}

/**
 * Assigns buffers greedily in order of birth: of the free buffers the one whose size is nearest, growing it if need be.
 *
 * @param lives  In any order.
 */
export function assignArena(lives: readonly Life[]): Arena {
  const order = lives
    .map((_, i) => i)
    .sort((a, b) => lives[a]!.from - lives[b]!.from || lives[b]!.bytes - lives[a]!.bytes);
  const sizes: number[] = [];
  const busyUntil: number[] = [];
  const slots = new Array<number>(lives.length);
  for (const i of order) {
    const { bytes, from, to } = lives[i]!;
    let best = -1;
    for (let slot = 0; slot < sizes.length; slot++) {
      if (busyUntil[slot]! >= from) continue;
      if (best < 0 || cost(sizes[slot]!, bytes) < cost(sizes[best]!, bytes)) best = slot;
    }
    if (best < 0) {
      best = sizes.length;
      sizes.push(0);
    }
    sizes[best] = Math.max(sizes[best]!, bytes);
    busyUntil[best] = to;
    slots[i] = best;
  }
  return { sizes, slots };
}

/** Bytes that growing would add count fully; bytes left unused only cost a chance. */
function cost(size: number, bytes: number): number {
  return size >= bytes ? (size - bytes) / 2 : bytes - size;
}
