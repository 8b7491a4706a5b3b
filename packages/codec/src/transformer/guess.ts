/** From what a transformer expects of a position to one of its codes. */
import {
  argmax,
  cast,
  concat,
  expandDims,
  matmul,
  max,
  nearestCode,
  softmax,
  split,
  squeeze,
  type Tensor,
  uploadTree,
} from '@vqkit/core';
import { CodecError } from '../errors.ts';
import { type IndexTransformerModel, logitsOf } from './weights.ts';

/**
 * Which code is taken: 'likeliest', the one of the largest probability, or 'expected', the one that is nearest to the mean of all
 * codes weighted by their probabilities. A decoder is continuous: a code in the middle of several that are about as likely
 * is less far from the right one, whichever it was.
 */
export type Guess = 'likeliest' | 'expected';

/** @throws CodecError `OPTIONS_INVALID` for anything else. */
export function checkGuess(guess: Guess): void {
  if (guess === 'likeliest' || guess === 'expected') return;
  throw new CodecError({
    code: 'OPTIONS_INVALID',
    message: `expected guess to be 'likeliest' or 'expected', got ${String(guess)}`,
    fix: "Pass one of them, or leave it out for 'expected'",
  });
}

/**
 * A code of every position, and how likely the likeliest is.
 *
 * @param map  u32 `[1, h, w, 2]`: indices, and 1 in holes.
 * @returns f32 `[1, h, w, 2]`: index (exact, below 2²⁴) and probability.
 */
export function guessOf(model: IndexTransformerModel, map: Tensor, codebookSize: number, guess: Guess): Tensor {
  const [indices, holes] = split(map, [1, 1]) as [Tensor, Tensor];
  const logits = logitsOf(model, { indices, holes: cast(holes, 'f32'), codebookSize });
  const probabilities = softmax(logits);
  const index = guess === 'likeliest' ? argmax(logits) : nearestToMean(model, probabilities, codebookSize);
  return concat([cast(expandDims(index, -1), 'f32'), max(probabilities, { axes: [3], keepDims: true })], -1);
}

/** u32 `[1, h, w]`. @param probabilities  f32 `[1, h, w, K]`. */
function nearestToMean({ codebooks }: IndexTransformerModel, probabilities: Tensor, codebookSize: number): Tensor {
  const codes = uploadTree(probabilities.backend, codebooks[codebookSize]!) as Tensor;
  const mean = matmul(squeeze(probabilities, [0]), codes);
  return expandDims(nearestCode(mean, codes).indices, 0);
}
