/** Which positions an encoder does not send, for the decoder to guess. */

/** A position that is not sent, and how far the guess of it is off. */
export interface Guessed {
  readonly at: number;
  /** Squared distance of the guessed code to the right one. */
  readonly error: number;
}

/** 1 where nothing is sent, `[height, width]`: every other position, or three of four. */
export function lattice(kind: 'checkerboard' | 'quarter', width: number, height: number): Uint8Array {
  const isSent =
    kind === 'checkerboard'
      ? (x: number, y: number) => (x + y) % 2 === 0
      : (x: number, y: number) => x % 2 === 0 && y % 2 === 0;
  return Uint8Array.from({ length: width * height }, (_, i) => Number(!isSent(i % width, Math.floor(i / width))));
}

/**
 * 1 at the positions whose guesses are the least wrong. An encoder knows them, since it guesses as the decoder will; which they
 * are costs a mask.
 *
 * @param guessed  Positions among which it chooses.
 * @param share  How many of these are left out.
 */
export function leastWrong(guessed: readonly Guessed[], share: number, positions: number): Uint8Array {
  const mask = new Uint8Array(positions);
  const order = [...guessed].sort((a, b) => a.error - b.error || a.at - b.at);
  for (const { at } of order.slice(0, Math.round(share * order.length))) mask[at] = 1;
  return mask;
}

/** Bits of a mask of which so large a share is set: its entropy. */
export function maskBits(count: number, share: number): number {
  const part = (p: number): number => (p <= 0 ? 0 : -p * Math.log2(p));
  return count * (part(share) + part(1 - share));
}
