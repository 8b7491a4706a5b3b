/** Dropout with random words from the caller, so that a compiled step stays pure. */
import { cast, div, greaterEqual, mul, randomBits, type Tensor } from '@vqkit/core';

/**
 * Sets a share of the values to 0 and scales the others up, so that the expectation stays.
 *
 * @param share  In [0, 1).
 * @param key  u32 `[2]`; without it x is returned.
 * @see Srivastava et al. 2014, "Dropout"
 */
export function dropOut(x: Tensor, share: number, key: Tensor | undefined): Tensor {
  if (key === undefined || share === 0) return x;
  // 23 bits, which float32 holds exactly.
  const u = mul(cast(div(randomBits(key, x.shape), 512), 'f32'), 2 ** -23);
  return mul(x, mul(cast(greaterEqual(u, share), 'f32'), 1 / (1 - share)));
}
