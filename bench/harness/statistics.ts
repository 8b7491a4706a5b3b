/** Order statistics of timing samples: medians and quantiles, because single slow runs say nothing about the code. */

/**
 * The value below which a share of the samples lies, with linear interpolation between neighbours.
 *
 * @param samples  At least one number, in any order.
 * @param share  From 0 (smallest) to 1 (largest).
 * @throws RangeError when there are no samples.
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('quantile: expected at least one sample, got none');
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle value of the samples; the mean of the two middle ones for an even number. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The n-th root of the product of n positive ratios: the fair mean of speed ratios. */
export function geometricMean(ratios: readonly number[]): number {
  if (ratios.length === 0) throw new RangeError('geometricMean: expected at least one ratio, got none');
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
