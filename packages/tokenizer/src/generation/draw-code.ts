/** Drawing one code by the logits of all. */

/** How codes are drawn. */
export interface DrawCodeOptions {
  /** What logits are divided by: below 1 likely codes become likelier; 0 takes the likeliest. */
  readonly temperature: number;
  /** Codes that may be drawn: the likeliest. */
  readonly topK: number;
}

/** A number of (0, 1) as noise of the Gumbel distribution. */
export function gumbel(uniform: number): number {
  // Half a step above the multiple of 2⁻²⁴ that it is: neither 0 nor 1.
  return -Math.log(-Math.log(uniform + 2 ** -25));
}

/**
 * Draws from the softmax of logits / temperature: the code whose logit is the largest after noise, so that logits that
 * differ in their last digits, as those of two backends do, draw the same code but for near ties.
 *
 * @param uniforms  As many numbers of [0, 1).
 * @returns The code, and the logarithm of its probability by the logits as they are.
 * @see Gumbel 1954; Chang et al. 2022, arXiv:2202.04200, section 3.2
 */
export function drawCode(
  logits: ArrayLike<number>,
  uniforms: ArrayLike<number>,
  { temperature, topK }: DrawCodeOptions,
): { readonly code: number; readonly logProbability: number } {
  const codes = logits.length;
  const least = topK < codes ? Float64Array.from(logits).sort()[codes - topK]! : Number.NEGATIVE_INFINITY;
  let [code, best, most] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < codes; k++) {
    const logit = logits[k]!;
    if (logit > most) most = logit;
    if (logit < least) continue;
    const noisy = temperature === 0 ? logit : logit / temperature + gumbel(uniforms[k]!);
    if (noisy > best) [code, best] = [k, noisy];
  }
  let total = 0;
  for (let k = 0; k < codes; k++) total += Math.exp(logits[k]! - most);
  return { code, logProbability: logits[code]! - most - Math.log(total) };
}
