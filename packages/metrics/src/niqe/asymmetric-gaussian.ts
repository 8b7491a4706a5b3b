/**
 * Fits an asymmetric generalised Gaussian distribution to samples by moments.
 *
 * @see Lasmar, Stitou, Berthoumieu 2009; as used by Mittal et al. 2012 (BRISQUE, NIQE)
 */
import { logGamma } from './gamma.ts';

/** Shape and the scales of either side. */
export interface AsymmetricGaussian {
  readonly alpha: number;
  readonly left: number;
  readonly right: number;
}

/** Shapes that are tried, as in the reference: 0.2, 0.201, … 10. */
const [first, step, count] = [0.2, 0.001, 9801];
const shapeAt = (i: number): number => first + i * step;

/** Γ(2/a)² / (Γ(1/a)·Γ(3/a)): rises with a. */
const ratioOf = (alpha: number): number =>
  Math.exp(2 * logGamma(2 / alpha) - logGamma(1 / alpha) - logGamma(3 / alpha));

/** A function that fits samples, with its table of shapes. */
export function asymmetricGaussianFitter(): (samples: Float64Array) => AsymmetricGaussian {
  const ratios = Float64Array.from({ length: count }, (_, i) => ratioOf(shapeAt(i)));
  const nearest = (target: number): number => {
    let [low, high] = [0, count - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (ratios[middle]! < target) low = middle;
      else high = middle;
    }
    return (ratios[low]! - target) ** 2 <= (ratios[high]! - target) ** 2 ? low : high;
  };
  return (samples) => {
    let [negative, positive, absolute] = [0, 0, 0];
    let [negatives, positives] = [0, 0];
    for (const x of samples) {
      absolute += Math.abs(x);
      if (x < 0) {
        negative += x * x;
        negatives++;
      } else if (x > 0) {
        positive += x * x;
        positives++;
      }
    }
    // Without samples on a side these are 0/0, and the block's features NaN, as in the reference.
    const [left, right] = [Math.sqrt(negative / negatives), Math.sqrt(positive / positives)];
    const gamma = left / right;
    const r = (absolute / samples.length) ** 2 / ((negative + positive) / samples.length);
    const target = (r * (gamma ** 3 + 1) * (gamma + 1)) / (gamma ** 2 + 1) ** 2;
    if (Number.isNaN(target)) return { alpha: first, left: Number.NaN, right: Number.NaN };
    const alpha = shapeAt(nearest(target));
    const scale = Math.exp((logGamma(1 / alpha) - logGamma(3 / alpha)) / 2);
    return { alpha, left: left * scale, right: right * scale };
  };
}
