/**
 * The model of the alpha channel: most pixels repeat a neighbour, most rows of a mask repeat the one above.
 *
 * A row first says whether it equals the row above. Otherwise every pixel says whether it equals its left neighbour, then
 * whether it equals the one above, and only then spells its value as eight decisions. All probabilities are adaptive.
 */

import type { BitCoder } from '../entropy/range-coder.ts';
import { createStepSizes } from '../mixing/counters.ts';

/** Situations of a pixel: four neighbour comparisons, three classes each for left and above. */
const situations = 16 * 9;
/** Spelling contexts: classes of the difference between left and above. */
const spellings = 4;

/** Uses after which a counter's steps stop shrinking. */
const countLimit = 1023;

/** Adaptive probabilities of 22 bits: alpha channels need decisions that cost next to nothing. */
class Counters {
  readonly #probabilities: Int32Array;
  readonly #counts: Uint16Array;
  readonly #steps: Int32Array;

  constructor(size: number, steps: Int32Array) {
    this.#probabilities = new Int32Array(size).fill(1 << 21);
    this.#counts = new Uint16Array(size);
    this.#steps = steps;
  }

  code(coder: BitCoder, at: number, wanted: number): number {
    const old = this.#probabilities[at]!;
    const bit = coder.bit(Math.max(1, Math.min(65535, old >> 6)), wanted);
    const count = this.#counts[at]!;
    const target = bit === 1 ? 0x3fffff : 0;
    // The product has up to 37 bits, which a number holds exactly.
    this.#probabilities[at] = old + Math.floor(((target - old) * this.#steps[count]!) / 32768);
    if (count < countLimit) this.#counts[at] = count + 1;
    return bit;
  }
}

function classOf(value: number): number {
  return value === 0 ? 0 : value === 255 ? 1 : 2;
}

/**
 * Codes a plane in either direction.
 *
 * @param alpha  `width · height` bytes in raster order: read by an encoder, filled in by a decoder.
 * @param isEncoder  Whether `alpha` is known; a decoder does not look ahead.
 * @param spend  Told the steps (`work.ts`) before they are done: one per pixel and nine more where it is spelled, one per row that is copied.
 */
export function codeAlpha(
  coder: BitCoder,
  alpha: Uint8Array,
  width: number,
  height: number,
  isEncoder: boolean,
  spend: (steps: number) => void,
): void {
  const steps = createStepSizes(countLimit + 1);
  const rows = new Counters(2, steps);
  const equalLeft = new Counters(situations, steps);
  const equalAbove = new Counters(situations, steps);
  const bits = new Counters(spellings * 256, steps);
  let wasRepeated = 0;
  for (let y = 0; y < height; y++) {
    const at = y * width;
    if (y > 0) {
      const isSame = isEncoder && isRepeated(alpha, at, width) ? 1 : 0;
      wasRepeated = rows.code(coder, wasRepeated, isSame);
      if (wasRepeated === 1) {
        spend(1);
        if (!isEncoder) alpha.copyWithin(at, at - width, at);
        continue;
      }
    }
    spend(width);
    for (let x = 0; x < width; x++) {
      // Outside the picture, the nearest known pixel stands in; the first pixel of all follows a zero.
      const left = x > 0 ? alpha[at + x - 1]! : y > 0 ? alpha[at - width]! : 0;
      const above = y > 0 ? alpha[at + x - width]! : left;
      const aboveLeft = x > 0 && y > 0 ? alpha[at + x - width - 1]! : above;
      const aboveRight = x < width - 1 && y > 0 ? alpha[at + x - width + 1]! : above;
      const pattern =
        (left === above ? 1 : 0) |
        (left === aboveLeft ? 2 : 0) |
        (above === aboveLeft ? 4 : 0) |
        (above === aboveRight ? 8 : 0);
      const situation = (pattern * 3 + classOf(left)) * 3 + classOf(above);
      const value = alpha[at + x]!;
      if (equalLeft.code(coder, situation, value === left ? 1 : 0) === 1) {
        alpha[at + x] = left;
      } else if (left !== above && equalAbove.code(coder, situation, value === above ? 1 : 0) === 1) {
        alpha[at + x] = above;
      } else {
        spend(9);
        alpha[at + x] = spell(coder, bits, left, above, value);
      }
    }
  }
}

/** Spells the difference to the mean of left and above, from the highest bit. */
function spell(coder: BitCoder, bits: Counters, left: number, above: number, value: number): number {
  const guess = (left + above) >> 1;
  const difference = Math.abs(left - above);
  const spelling = difference === 0 ? 0 : difference < 8 ? 1 : difference < 64 ? 2 : 3;
  // Differences near zero share their high bits when they are counted from 128.
  const wanted = (value - guess + 128) & 255;
  let node = 1;
  for (let level = 7; level >= 0; level--) {
    node = node * 2 + bits.code(coder, spelling * 256 + node, (wanted >> level) & 1);
  }
  return (node + guess - 128) & 255;
}

function isRepeated(alpha: Uint8Array, at: number, width: number): boolean {
  for (let x = 0; x < width; x++) if (alpha[at + x] !== alpha[at + x - width]) return false;
  return true;
}
