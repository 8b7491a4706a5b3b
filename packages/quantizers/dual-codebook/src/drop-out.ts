/** Dropout with random words from the caller, so that a compiled step stays pure. */
import { cast, greaterEqual, mul, type Tensor } from '@vqkit/core';
import { uniformBits } from '@vqkit/core/codebook';

/**
 * Sets a share of the values to 0 and scales the others up, so that the expectation stays.
 *
 * @param share  In [0, 1).
 * @param key  u32 `[2]`; without it x is returned.
 * @see Srivastava et al. 2014, "Dropout"
 */
export function dropOut(x: Tensor, share: number, key: Tensor | undefined): Tensor {
  if (key === undefined || share === 0) return x;
  return mul(x, mul(cast(greaterEqual(uniformBits(key, x.shape), share), 'f32'), 1 / (1 - share)));
}
