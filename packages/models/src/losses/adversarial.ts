/** Adversarial losses, and the weight that VQGAN gives them. */
import {
  add,
  clamp,
  div,
  globalNorm,
  isTensor,
  mean,
  mul,
  neg,
  relu,
  stopGradient,
  sub,
  type Tensor,
  tidy,
} from '@vqkit/core';

/** Scores of a discriminator: one map, or one per depth, which all count the same. */
export type Scores = Tensor | readonly Tensor[];

/** Mean over depths of the mean of `fn` over positions. */
function meanScore(scores: Scores, fn: (score: Tensor) => Tensor): Tensor {
  const maps = isTensor(scores) ? [scores] : scores;
  return div(maps.map((map) => mean(fn(map))).reduce(add), maps.length);
}

/**
 * Hinge loss of a discriminator: ½·(mean relu(1 − real) + mean relu(1 + fake)).
 *
 * @param real  Scores of real images, any shape.
 * @param fake  Scores of made images.
 * @see Lim & Ye 2017, arXiv:1705.02894
 */
export function hingeLoss(real: Scores, fake: Scores): Tensor {
  return tidy(() =>
    mul(
      add(
        meanScore(real, (x) => relu(sub(1, x))),
        meanScore(fake, (x) => relu(add(x, 1))),
      ),
      0.5,
    ),
  );
}

/** What the generator adds to its loss: −mean of the scores of its images. */
export function generatorLoss(fake: Scores): Tensor {
  return tidy(() => meanScore(fake, neg));
}

/** Options of `adaptiveWeight`. */
export interface AdaptiveWeightOptions {
  /** Factor on the ratio. Default 0.8. */
  readonly factor?: number;
  /** Largest ratio. Default 1e4. */
  readonly limit?: number;
}

/**
 * The weight of the adversarial loss that makes its gradient as long as that of the reconstruction loss, both taken at the
 * decoder's last layer.
 *
 * @param reconstruction  Gradient of the reconstruction loss there (a tensor or a tree of tensors).
 * @param adversarial  Gradient of the adversarial loss there.
 * @returns f32 scalar, without gradient.
 * @see Esser et al. 2021, arXiv:2012.09841, eq. 7
 */
export function adaptiveWeight(
  reconstruction: unknown,
  adversarial: unknown,
  options: AdaptiveWeightOptions = {},
): Tensor {
  const { factor = 0.8, limit = 1e4 } = options;
  return tidy(() => {
    const ratio = div(globalNorm(reconstruction), add(globalNorm(adversarial), 1e-4));
    return stopGradient(mul(clamp(ratio, 0, limit), factor));
  });
}
