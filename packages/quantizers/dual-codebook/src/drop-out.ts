/** Dropout with random words from the caller, so that a compiled step stays pure. */
import {
  bitAnd,
  cast,
  greaterEqual,
  mul,
  randomBits,
  reshape,
  shiftRight,
  sizeOf,
  slice,
  stack,
  type Tensor,
} from '@vqkit/core';

/** Values that share a random word, a byte each: words are what dropout takes its time for. */
const perWord = 4;

/**
 * Sets a share of the values to 0 and scales the others up, so that the expectation stays.
 *
 * @param share  In [0, 1), rounded to a 256th, up from 0.
 * @param key  u32 `[2]`; without it x is returned.
 * @see Srivastava et al. 2014, "Dropout"
 */
export function dropOut(x: Tensor, share: number, key: Tensor | undefined): Tensor {
  if (key === undefined || share === 0) return x;
  const dropped = Math.min(Math.max(Math.round(share * 256), 1), 255);
  const size = sizeOf(x.shape);
  const words = randomBits(key, [Math.ceil(size / perWord)]);
  const kept = Array.from({ length: perWord }, (_, i) =>
    greaterEqual(cast(bitAnd(shiftRight(words, 8 * i), 255), 'i32'), dropped),
  );
  const mask = reshape(slice(reshape(stack(kept), [-1]), [0], { size: [size] }), x.shape);
  return mul(x, mul(cast(mask, 'f32'), 256 / (256 - dropped)));
}
