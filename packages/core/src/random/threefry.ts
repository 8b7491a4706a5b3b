/**
 * Random numbers from counters: the same seed gives the same bits on every backend and in every engine, and any part
 * of a stream can be made without the rest. Threefry-2×32 with 20 rounds.
 *
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405
 */

/** Rotation distances of Threefry-2×32, two groups of four rounds. From the paper, table 2. */
export const threefryRotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Key-schedule parity constant of the 32-bit variants (Skein's). */
export const threefryParity = 0x1bd11bda;

/**
 * Fills `words` with the random words of consecutive counters, two words per counter.
 *
 * @param block  First counter, a whole number up to 2⁵³.
 */
export function threefryFill(words: Uint32Array, [key0, key1]: readonly [number, number], block: number): void {
  const key2 = key0 ^ key1 ^ threefryParity;
  const keys = [key0, key1, key2, key0, key1, key2, key0];
  const size = words.length;
  for (let i = 0; i < size; i += 2, block++) {
    let x0 = ((block | 0) + key0) | 0;
    let x1 = (Math.floor(block / 2 ** 32) + key1) | 0;
    for (let group = 0; group < 5; group++) {
      const [a, b, c, d] = threefryRotations[group & 1]!;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << a) | (x1 >>> (32 - a))) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << b) | (x1 >>> (32 - b))) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << c) | (x1 >>> (32 - c))) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << d) | (x1 >>> (32 - d))) ^ x0;
      x0 = (x0 + keys[group + 1]!) | 0;
      x1 = (x1 + keys[group + 2]! + group + 1) | 0;
    }
    words[i] = x0;
    if (i + 1 < size) words[i + 1] = x1;
  }
}
