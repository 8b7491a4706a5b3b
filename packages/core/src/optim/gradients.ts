/** Gradient clipping, and averages of weights over training. */
import { add, div, minimum, mul, sub } from '../ops/binary.ts';
import { sum } from '../ops/reduce.ts';
import { sqrt, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { mapTree, tensorsOf, zipTrees } from '../tree/tree.ts';

/** Euclidean length of all tensors of a tree together, f32 scalar. */
export function globalNorm(tree: unknown): Tensor {
  return tidy(() =>
    sqrt(
      tensorsOf(tree)
        .map((x) => sum(square(x)))
        .reduce((a, b) => add(a, b)),
    ),
  );
}

/**
 * Scales gradients down so that their global norm is at most `maxNorm`.
 *
 * @returns The gradients, and their norm before.
 * @see Pascanu et al. 2013, arXiv:1211.5063
 */
export function clipByGlobalNorm<P>(gradients: P, maxNorm: number): { gradients: P; norm: Tensor } {
  return tidy(() => {
    const norm = globalNorm(gradients);
    const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1);
    return { gradients: mapTree(gradients, (x) => mul(x, factor)), norm };
  });
}

/**
 * Exponential moving average of a tree: decay·average + (1 − decay)·current.
 *
 * @param decay  A number or an f32 scalar tensor in [0, 1).
 */
export function emaUpdate<P>(average: P, current: P, decay: number | Tensor): P {
  return zipTrees([average, current], (a, c) => tidy(() => add(c, mul(sub(a, c), decay))));
}
