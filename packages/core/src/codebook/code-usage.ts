/**
 * How well a codebook is used, as functions of how often each code was chosen. They are tensors in and out, so that
 * they can be part of a compiled training step.
 */

import { div, maximum, mul } from '../ops/binary.ts';
import { cast, greater } from '../ops/compare.ts';
import { fill } from '../ops/create.ts';
import { scatterAdd } from '../ops/gather.ts';
import { mean, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/reshape.ts';
import { exp, log, neg } from '../ops/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * How often each index occurs.
 *
 * @param indices  u32 of any shape, each in `[0, codes)`.
 * @returns f32 `[codes]`; exact up to 2²⁴ occurrences.
 */
export function countCodes(indices: Tensor, codes: number): Tensor {
  const flat = reshape(indices, [indices.size]);
  return scatterAdd(flat, fill(indices.backend, [indices.size], 1), { size: codes });
}

/**
 * Share of codes that were chosen at least once.
 *
 * @param counts  f32 `[K]`, not negative.
 * @returns f32 scalar in [0, 1].
 */
export function codeUsage(counts: Tensor): Tensor {
  return mean(cast(greater(counts, 0), 'f32'));
}

/** Entropy in nats. */
function entropy(counts: Tensor): Tensor {
  const p = div(counts, maximum(sum(counts), 1e-30));
  // p·log p → 0 as p → 0; the bound keeps the logarithm finite there.
  return neg(sum(mul(p, log(maximum(p, 1e-30)))));
}

/**
 * Order-0 entropy of the codes: what an ideal coder pays per index when it knows their frequencies.
 *
 * @param counts  f32 `[K]`, not negative.
 * @returns Bits, f32 scalar in [0, log₂ K].
 */
export function codeEntropy(counts: Tensor): Tensor {
  return div(entropy(counts), Math.LN2);
}

/**
 * 2 to the entropy: how many equally likely codes would be as hard to guess.
 *
 * @param counts  f32 `[K]`, not negative.
 * @returns f32 scalar in [1, K].
 */
export function codePerplexity(counts: Tensor): Tensor {
  return exp(entropy(counts));
}
