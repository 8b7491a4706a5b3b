/**
 * Gradient estimators: how a gradient passes a step that has none. All return the quantized vectors bit for bit (DiVeQ
 * unless it is given noise) and differ in what flows back.
 */
import { stopGradient } from '../autograd/stop-gradient.ts';
import { customGrad } from '../autograd/value-and-grad.ts';
import { add, div, minimum, mul, sub } from '../ops/binary.ts';
import { sum } from '../ops/reduce.ts';
import { sqrt, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { normalBits } from './keys.ts';

/** Name of a gradient estimator. */
export type GradientEstimator = 'straightThrough' | 'rotation' | 'diveq';

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

const lengthOf = (x: Tensor): Tensor => sqrt(add(sum(square(x), { axes: -1, keepDims: true }), tiny));
const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axes: -1, keepDims: true });

/** Largest λ of the rotation trick, our bound: ‖q‖/‖z‖ has none, and at z = 0 one step would undo all others. */
const mostScale = 8;

const rotate = customGrad((e, q) => ({
  value: q!,
  gradient: (dy) => {
    const [lengthE, lengthQ] = [lengthOf(e!), lengthOf(q!)];
    const [unitE, unitQ] = [div(e!, lengthE), div(q!, lengthQ)];
    const between = add(unitE, unitQ);
    const r = div(between, lengthOf(between));
    // Rᵀ·dy with R = I − 2·r·rᵀ + 2·q̂·êᵀ, the rotation that takes ê to q̂ in their common plane.
    const turned = add(sub(dy, mul(mul(r, dot(r, dy)), 2)), mul(mul(unitE, dot(unitQ, dy)), 2));
    return [mul(turned, minimum(div(lengthQ, lengthE), mostScale)), undefined];
  },
}));

/**
 * The values of `q`, with the gradient turned and scaled as the vector was: the map from `z` to `q` is taken for the
 * constant rotation and rescaling λR with λR·z = q, so angles between gradient and vector are kept.
 *
 * λ = min(‖q‖/‖z‖, 8): the paper has no bound, and its gradient grows without limit as `z` goes to 0.
 *
 * @param z  Features, f32 `[…, D]`.
 * @param q  What they are replaced by, of that shape; gets no gradient.
 * @returns `q`; the gradient of `z` is λ·Rᵀ·dy, at most 24 times as long as dy.
 * @see Fifty et al. 2024, arXiv:2410.06424, eq. 3–4
 */
export function rotationTrick(z: Tensor, q: Tensor): Tensor {
  return rotate(z, q);
}

/** σ² of the noise that turns DiVeQ's directions a little. */
const diveqVariance = 1e-3;

const alongError = (isNoisy: boolean) =>
  customGrad((z, q, direction) => {
    const error = sub(q!, z!);
    return {
      value: isNoisy ? add(z!, mul(lengthOf(error), direction!)) : q!,
      gradient: (dy) => {
        const step = mul(div(error, lengthOf(error)), dot(direction!, dy));
        return [sub(dy, step), step, undefined];
      },
    };
  });
const [exactError, noisyError] = [alongError(false), alongError(true)];

/**
 * DiVeQ: z + ‖q − z‖·sg(v/‖v‖) with v = q − z + noise. The error keeps its length and, but for little noise, its direction,
 * so the values are those of `q`; the gradient goes through the length, to the features and to the codes alike. Codes are
 * trained by the loss of the task: they need no codebook loss (`learned({ weight: 0 })`), and no commitment.
 *
 * @param z  Features, f32 `[…, D]`.
 * @param q  Codes, of that shape, with their gradient.
 * @param key  u32 `[2]`; there is no noise without it, and the values are those of `q` bit for bit.
 * @see Vali et al. 2025, arXiv:2509.26469
 */
export function diveq(z: Tensor, q: Tensor, key?: Tensor): Tensor {
  const direction = stopGradient(
    tidy(() => {
      const error = sub(q, z);
      const turned = key ? add(error, mul(normalBits(key, z.shape), Math.sqrt(diveqVariance))) : error;
      return div(turned, lengthOf(turned));
    }),
  );
  return (key ? noisyError : exactError)(z, q, direction);
}

/** The estimator of that name. */
export function estimatorOf(name: GradientEstimator): (z: Tensor, q: Tensor, key?: Tensor) => Tensor {
  return { straightThrough, rotation: rotationTrick, diveq }[name];
}
