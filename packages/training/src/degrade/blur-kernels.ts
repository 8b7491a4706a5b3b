/**
 * Blur kernels of practical degradations: Gaussians, their generalised and plateau-shaped relatives, and the ringing sinc.
 * Plain functions; normalised to sum 1.
 *
 * @see Wang et al. 2021 (Real-ESRGAN), arXiv:2107.10833, sections 3.1 and 3.3; Liu et al. 2020, arXiv:2007.02379, for the
 *   generalised and plateau shapes
 */

/** A square kernel of odd size, row-major. */
export interface BlurKernel {
  readonly size: number;
  readonly weights: Float64Array;
}

/** How the exponent of a Gaussian is changed. */
export type BlurShape = 'gaussian' | 'generalised' | 'plateau';

/** An ellipse of blur. */
export interface BlurOptions {
  /** Standard deviations along the two axes, in pixels. */
  readonly sigma: readonly [number, number];
  /** Angle of the first axis, in radians. Default 0. */
  readonly angle?: number;
  /** Default `'gaussian'`. */
  readonly shape?: BlurShape;
  /** Exponent of the generalised and plateau shapes; 1 makes the generalised one a Gaussian. Default 1. */
  readonly beta?: number;
}

function kernelOf(size: number, weightAt: (x: number, y: number) => number): BlurKernel {
  const half = (size - 1) / 2;
  const weights = Float64Array.from({ length: size ** 2 }, (_, i) =>
    weightAt((i % size) - half, Math.floor(i / size) - half),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  return { size, weights: weights.map((w) => w / total) };
}

/**
 * exp(−½·q) for a Gaussian, exp(−½·q^β) generalised, 1/(1 + q^β) as a plateau, where q is the squared distance in units
 * of the ellipse.
 *
 * @param size  Odd.
 */
export function blurKernel(size: number, { sigma, angle = 0, shape = 'gaussian', beta = 1 }: BlurOptions): BlurKernel {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return kernelOf(size, (x, y) => {
    const q = ((cos * x + sin * y) / sigma[0]) ** 2 + ((cos * y - sin * x) / sigma[1]) ** 2;
    if (shape === 'plateau') return 1 / (1 + q ** beta);
    return Math.exp(-0.5 * (shape === 'generalised' ? q ** beta : q));
  });
}

/** J₁ by its integral, (1/π)·∫₀^π cos(τ − x·sin τ) dτ; for |x| ≤ 60 exact to rounding with so many points. */
function besselJ1(x: number): number {
  const points = 128;
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const tau = (Math.PI * (i + 0.5)) / points;
    sum += Math.cos(tau - x * Math.sin(tau));
  }
  return sum / points;
}

/**
 * The circular low-pass filter: ω·J₁(ω·r)/(2π·r), which cuts off sharply at ω and therefore rings.
 *
 * @param size  Odd.
 * @param cutoff  ω in radians per pixel, up to π.
 */
export function sincKernel(size: number, cutoff: number): BlurKernel {
  return kernelOf(size, (x, y) => {
    const r = Math.hypot(x, y);
    return r === 0 ? cutoff ** 2 / (4 * Math.PI) : (cutoff * besselJ1(cutoff * r)) / (2 * Math.PI * r);
  });
}
