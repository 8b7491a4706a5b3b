/** How well holes are guessed. */
import {
  add,
  argmax,
  cast,
  crossEntropy,
  div,
  equal,
  logSoftmax,
  maximum,
  mul,
  neg,
  oneHot,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '@vqkit/core';
import type { IndexMaps } from './index-maps.ts';

/** Share of the probability that is wanted everywhere. @see Szegedy et al. 2016, arXiv:1512.00567; as in MaskGIT */
const smoothing = 0.1;

/** Takes part in no softmax. */
const never = 1e9;

/** Logits without those of places that no code has. */
export function withoutPadding(logits: Tensor, { isCode }: Pick<IndexMaps, 'isCode'>): Tensor {
  return add(logits, mul(sub(isCode, 1), never));
}

/**
 * Label-smoothed cross-entropy at holes, in nats, and the share of holes that are guessed right.
 *
 * @param logits  f32 `[N, h, w, K]`, without padding.
 * @param holes  f32 `[N, h, w, 1]`.
 */
export function guessLoss(logits: Tensor, { indices, isCode }: Pick<IndexMaps, 'indices' | 'isCode'>, holes: Tensor) {
  const [, h, w, most] = logits.shape as [number, number, number, number];
  const atHoles = (x: Tensor): Tensor => div(sum(mul(x, reshape(holes, [-1, h, w]))), maximum(sum(holes), 1));
  const even = mul(isCode, div(smoothing, sum(isCode, { axes: [3], keepDims: true })));
  const wanted = add(mul(oneHot(indices, most), 1 - smoothing), even);
  const surprise = neg(sum(mul(logSoftmax(logits), wanted), { axes: [3] }));
  const isRight = cast(equal(argmax(logits), indices), 'f32');
  return { loss: atHoles(surprise), accuracy: stopGradient(atHoles(isRight)) };
}

/** Sums over the holes of each map, f32 `[N]`: guessed right, and cross-entropy in nats. */
export function guessSums(logits: Tensor, { indices }: IndexMaps, holes: Tensor) {
  const [, h, w] = logits.shape as [number, number, number];
  const perMap = (x: Tensor): Tensor => sum(mul(x, reshape(holes, [-1, h, w])), { axes: [1, 2] });
  return {
    right: perMap(cast(equal(argmax(logits), indices), 'f32')),
    surprise: perMap(crossEntropy(logits, indices)),
  };
}
