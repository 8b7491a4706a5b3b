/**
 * Gradient estimators: how a gradient passes a step that has none. Both return the quantized vectors bit for bit and
 * differ only in what flows back to the features.
 */
import { customGrad } from '../autograd/value-and-grad.ts';
import { add, div, mul, sub } from '../ops/binary/binary.ts';
import { sum } from '../ops/reduce/reduce.ts';
import { sqrt, square } from '../ops/unary/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Name of a gradient estimator. */
export type GradientEstimator = 'straightThrough' | 'rotation';

/**
 * The values of `q` with the gradient of `z`: the gradient is copied from the quantized vectors to the features.
 *
 * @param z  Features, f32 of any shape.
 * @param q  What they are replaced by, of that shape; gets no gradient.
 * @see Bengio et al. 2013, arXiv:1308.3432; van den Oord et al. 2017, arXiv:1711.00937, section 3.2
 */
export function straightThrough(z: Tensor, q: Tensor): Tensor {
  return passThrough(z, q);
}

const passThrough = customGrad((_, q) => ({ value: q!, gradient: (dy) => [dy, undefined] }));

/** Keeps lengths of zero vectors away from 0. */
const tiny = 1e-12;

const rotate = customGrad((e, q) => ({
  value: q!,
  gradient: (dy) => {
    const lengthOf = (x: Tensor): Tensor => sqrt(add(sum(square(x), { axes: -1, keepDims: true }), tiny));
    const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axes: -1, keepDims: true });
    const [lengthE, lengthQ] = [lengthOf(e!), lengthOf(q!)];
    const [unitE, unitQ] = [div(e!, lengthE), div(q!, lengthQ)];
    const between = add(unitE, unitQ);
    const r = div(between, lengthOf(between));
    // Rᵀ·dy with R = I − 2·r·rᵀ + 2·q̂·êᵀ, the rotation that takes ê to q̂ in their common plane.
    const turned = add(sub(dy, mul(mul(r, dot(r, dy)), 2)), mul(mul(unitE, dot(unitQ, dy)), 2));
    return [mul(turned, div(lengthQ, lengthE)), undefined];
  },
}));

/**
 * The values of `q`, with the gradient turned and scaled as the vector was: the map from `z` to `q` is taken for the
 * constant rotation and rescaling λR with λR·z = q, so angles between gradient and vector are kept.
 *
 * @param z  Features, f32 `[…, D]`.
 * @param q  What they are replaced by, of that shape; gets no gradient.
 * @returns `q`; the gradient of `z` is λ·Rᵀ·dy.
 * @see Fifty et al. 2024, arXiv:2410.06424, eq. 3–4
 */
export function rotationTrick(z: Tensor, q: Tensor): Tensor {
  return rotate(z, q);
}

/** The estimator of that name. */
export function estimatorOf(name: GradientEstimator): (z: Tensor, q: Tensor) => Tensor {
  return name === 'rotation' ? rotationTrick : straightThrough;
}
