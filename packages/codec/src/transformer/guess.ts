/** From what a transformer expects of a position to one of its codes. */
import {
  argmax,
  argmin,
  cast,
  concat,
  expandDims,
  gather,
  matmul,
  max,
  nearestCode,
  reshape,
  softmax,
  split,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
  takePerRow,
  uploadTree,
} from '@vqkit/core';
import { CodecError } from '../errors.ts';
import { type IndexTransformerModel, logitsOf } from './weights.ts';

/** Names of all ways. */
const guesses = ['nearby', 'expected', 'likeliest'] as const;

/**
 * Which code is taken: 'likeliest', the one of the largest probability; 'expected', the one that is nearest to the mean of all
 * codes weighted by their probabilities; 'nearby', of the codes that are in sight the one nearest to that mean. A decoder is
 * continuous: a code in the middle of several that are about as likely is less far from the right one, whichever it was. But
 * such codes are smooth, where those of what surrounds a hole have its texture.
 */
export type Guess = (typeof guesses)[number];

/** @throws CodecError `OPTIONS_INVALID` for anything else. */
export function checkGuess(guess: Guess): void {
  if (guesses.includes(guess)) return;
  throw new CodecError({
    code: 'OPTIONS_INVALID',
    message: `expected guess to be one of ${guesses.join(', ')}, got ${String(guess)}`,
    fix: "Pass one of them, or leave it out for 'nearby'",
  });
}

/**
 * A code of every position, and how likely the likeliest is.
 *
 * @param map  u32 `[1, h, w, 2 + n]`: indices, 1 in holes, and n indices to choose from, 1 or more for 'nearby'.
 * @returns f32 `[1, h, w, 2]`: index (exact, below 2²⁴) and probability.
 */
export function guessOf(model: IndexTransformerModel, map: Tensor, codebookSize: number, guess: Guess): Tensor {
  const [indices, holes, choices] = split(map, [1, 1, map.shape[3]! - 2]) as [Tensor, Tensor, Tensor];
  const logits = logitsOf(model, { indices, holes: cast(holes, 'f32'), codebookSize });
  const probabilities = softmax(logits);
  const index = (): Tensor => {
    if (guess === 'likeliest') return argmax(logits);
    const codes = uploadTree(map.backend, model.codebooks[codebookSize]!) as Tensor;
    const mean = matmul(squeeze(probabilities, [0]), codes);
    return expandDims(guess === 'expected' ? nearestCode(mean, codes).indices : nearestOf(choices, mean, codes), 0);
  };
  return concat([cast(expandDims(index(), -1), 'f32'), max(probabilities, { axes: [3], keepDims: true })], -1);
}

/**
 * The choice whose code is nearest, of equally near ones the first.
 *
 * @param choices  u32 `[1, h, w, n]`. @param mean  f32 `[h, w, D]`. @param codes  f32 `[K, D]`.
 * @returns u32 `[h, w]`.
 */
function nearestOf(choices: Tensor, mean: Tensor, codes: Tensor): Tensor {
  const [, height, width, count] = choices.shape as [number, number, number, number];
  const [positions, dimension] = [height * width, codes.shape[1]!];
  const vectors = reshape(gather(codes, reshape(choices, [positions * count])), [positions, count, dimension]);
  const distances = sum(square(sub(vectors, reshape(mean, [positions, 1, dimension]))), { axes: [2] });
  return reshape(takePerRow(reshape(choices, [positions, count]), argmin(distances)), [height, width]);
}
