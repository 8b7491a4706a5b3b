/**
 * The hard choice of RAP: forward, the codes of the likeliest indices, as at inference; backward, as if they had been mixed
 * by probability. So image losses reach the predictor through codebook and decoder, which stay as they are.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774, stage 3
 */
import {
  add,
  type Backend,
  matmul,
  type Quantizer,
  range,
  reshape,
  softmax,
  stack,
  stopGradient,
  sub,
  type Tensor,
  tidy,
  zeros,
} from '@vqkit/core';
import { likeliestIndices } from './texture-predictor.ts';

/**
 * What each index of each slot adds to a vector when all others are 0: f32 `[K, D]` per slot. The whole table of a plain
 * codebook, up to a constant; likewise of quantizers whose slots are added or put side by side.
 */
export function slotTables<P>(quantizer: Quantizer<P>, params: P, backend: Backend): Tensor[] {
  const { codebookSizes: sizes } = quantizer;
  return tidy(() =>
    sizes.map((codes, slot) => {
      const own = range(backend, codes);
      const other = zeros(backend, [codes], 'u32');
      const indices = stack(
        sizes.map((_, s) => (s === slot ? own : other)),
        -1,
      );
      return reshape(quantizer.decode(params, reshape(indices, [1, 1, codes, sizes.length])), [codes, -1]);
    }),
  );
}

/**
 * The straight-through choice.
 *
 * @param logits  f32 `[N, h, w, K]` per slot of the quantizer.
 * @param params  Of the quantizer; get no gradient.
 * @returns zQ, f32 `[N, h, w, D]`: exactly `quantizer.decode` of the likeliest indices.
 */
export function hardChoice<P>(quantizer: Quantizer<P>, params: P, logits: readonly Tensor[]): Tensor {
  return tidy(() => {
    const tables = slotTables(quantizer, params, logits[0]!.backend).map(stopGradient);
    const soft = logits.map((x, slot) => matmul(softmax(x), tables[slot]!)).reduce(add);
    const hard = quantizer.decode(params, likeliestIndices(logits));
    return add(soft, stopGradient(sub(hard, soft)));
  });
}
