/** The tolerances of the kit, each with its reason. */
import type { Tolerance } from './assertions.ts';

/** Unit roundoff of float32. */
const u = 2 ** -24;

/** One correctly rounded operation, give or take a step; tiny results may be flushed to zero. */
export const roundedOnce: Tolerance = { relative: 2 * u, absolute: 1e-37 };

/** Functions such as exp, log, sqrt and division: WGSL allows 2.5 steps for division, 3 + 2|x| for exp, 2⁻²¹ absolute for log. */
export const transcendental: Tolerance = { relative: 4e-6, absolute: 1e-6 };

/** WGSL gives tanh an absolute error of 1e-5, and sinh and cosh errors that grow from exp's. */
export const hyperbolic: Tolerance = { relative: 0, absolute: 2e-5 };

/** WGSL promises sin and cos only to 2⁻¹¹ absolute, on [−π, π]. */
export const trigonometric: Tolerance = { relative: 0, absolute: 2 ** -11 };

/**
 * A float32 sum of `terms` products in any order. Rounding errors of a naive sum of same-signed terms grow like
 * terms·u relatively; with mixed signs they stay below that share of the terms' magnitude.
 *
 * @param magnitude  Typical size of one term.
 */
export function sumOf(terms: number, magnitude = 1): Tolerance {
  return { relative: (terms + 4) * u, absolute: 4 * (terms + 4) * u * magnitude };
}

/** Chains of several float32 operations on values of about 1: norms, attention, activations. */
export const chained: Tolerance = { relative: 1e-4, absolute: 2e-5 };

/** Gradients of such chains: differences of nearly equal terms lose another digit. */
export const gradientChain: Tolerance = { relative: 1e-3, absolute: 1e-4 };
