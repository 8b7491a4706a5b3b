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
 * One block: two words of key and two of counter give two random words.
 *
 * @returns Two unsigned 32-bit numbers.
 */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const keys = [key0, key1, key0 ^ key1 ^ threefryParity];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    for (const r of threefryRotations[group % 2]!) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]!) | 0;
    x1 = (x1 + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
