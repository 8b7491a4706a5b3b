/**
 * The logistic function and its inverse in integers.
 *
 * Mixing adds up probabilities in the logistic domain x = ln(p / (1 − p)) (Mahoney 2005, "Adaptive weighing of context
 * models for lossless data compression"). Here x is an integer in 1/256, from −2047 to 2047, and p an integer in 1/65536.
 * All values follow from 33 literal numbers by integer arithmetic, so every engine has the same tables.
 */

/** Largest magnitude in the logistic domain, 1/256. */
const maxLogit = 2047;

/** round(65536 / (1 + e^(−i/4))) for i = 0 … 32: the logistic function at every 64th x. */
const knots: readonly number[] = [
  32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357,
  64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508, 65514,
];

/** Tables of both directions. */
export interface LogisticTables {
  /** 4096 numbers: `squash[x + 2048]` is the probability of x, in 1/65536. */
  readonly squash: Int32Array;
  /** 4096 numbers: `stretch[p >>> 4]` is the x of the probability p. */
  readonly stretch: Int16Array;
}

/** Builds both tables. */
export function createLogisticTables(): LogisticTables {
  const squash = new Int32Array(4096);
  for (let x = 0; x <= 2048; x++) {
    const i = x >> 6;
    const from = knots[i]!;
    const to = knots[Math.min(32, i + 1)]!;
    const p = from + (((to - from) * (x & 63)) >> 6);
    if (x < 2048) squash[2048 + x] = p;
    squash[2048 - x] = 65536 - p;
  }
  const stretch = new Int16Array(4096);
  let x = -maxLogit;
  for (let i = 0; i < 4096; i++) {
    // The first x whose probability reaches the middle of the sixteen values that share this entry.
    while (x < maxLogit && squash[x + 2048]! < i * 16 + 8) x++;
    stretch[i] = x;
  }
  return { squash, stretch };
}
