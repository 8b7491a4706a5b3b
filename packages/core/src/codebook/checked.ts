/**
 * Entry points for values that nobody vouches for. A quantizer is pure and never reads a value back, so NaN in the
 * features ends in some valid index, and an index that is too large in undefined values. These two read and refuse.
 */

import { ValueError } from '../errors.ts';
import { cast, isFinite } from '../ops/compare.ts';
import { sum } from '../ops/reduce.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Quantizer } from './quantizer.ts';

/**
 * `encode`, after making sure that all features are finite.
 *
 * @param z  f32 `[N, H, W, D]`.
 * @returns u32 `[N, H, W, S]`.
 * @throws ValueError `NOT_FINITE`
 */
export async function encodeChecked<P, S>(quantizer: Quantizer<P, S>, params: P, z: Tensor): Promise<Tensor> {
  const indices = tidy(() => quantizer.encode(params, z));
  const finite = tidy(() => sum(cast(cast(isFinite(z), 'f32'), 'u32')));
  try {
    const bad = z.size - (await finite.item());
    if (bad === 0) return indices;
    indices.dispose();
    throw new ValueError({
      code: 'NOT_FINITE',
      message: `${quantizer.name}: expected finite features, got ${bad} of ${z.size} values that are NaN or infinite`,
      fix: 'Look for the first layer whose output is not finite; in training, lower the learning rate or clip gradients',
    });
  } finally {
    finite.dispose();
  }
}

/**
 * `decode`, after making sure that every index names a code.
 *
 * @param indices  u32 or i32 `[N, H, W, S]`.
 * @returns f32 `[N, H, W, D]`.
 * @throws ValueError `VALUE_OUT_OF_RANGE`
 */
export async function decodeChecked<P, S>(quantizer: Quantizer<P, S>, params: P, indices: Tensor): Promise<Tensor> {
  const { name, codebookSizes } = quantizer;
  const values = await indices.data();
  const slots = codebookSizes.length;
  const at = values.findIndex((index, i) => !(index >= 0 && index < codebookSizes[i % slots]!));
  if (at < 0) return tidy(() => quantizer.decode(params, indices));
  throw new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${name}: expected indices below ${codebookSizes[at % slots]} in slot ${at % slots}, got ${values[at]} at element ${at}`,
    fix: 'Decode with the quantizer and the codebook that the indices were made with',
  });
}
