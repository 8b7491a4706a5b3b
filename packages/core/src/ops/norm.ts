/** Normalisations. Statistics are population moments in float32. */
import type { Activation, CompositeKernels } from '../backend/composites.ts';
import type { TensorSpec } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { activate } from './activation.ts';
import { add, mul, sub } from './binary.ts';
import { checkDTypes, checkRank, checkShape } from './broadcast-shapes.ts';
import { defineOp, type Op } from './define-op.ts';
import { mean, sum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { rsqrt, square } from './unary.ts';

/** x minus its mean, times one over its standard deviation, over `axes`. */
function standardize(
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
): { normalized: Tensor; inverseDeviation: Tensor } {
  const centered = sub(x, mean(x, { axes, keepDims: true }));
  const inverseDeviation = rsqrt(add(mean(square(centered), { axes, keepDims: true }), epsilon));
  return { normalized: mul(centered, inverseDeviation), inverseDeviation };
}

/** Gradient of `standardize` with respect to x, given that of its result. */
function standardizeGrad(
  d: Tensor,
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
): { dx: Tensor; normalized: Tensor } {
  const { normalized, inverseDeviation } = standardize(x, axes, epsilon);
  const options = { axes, keepDims: true };
  const dx = mul(inverseDeviation, sub(sub(d, mean(d, options)), mul(normalized, mean(mul(d, normalized), options))));
  return { dx, normalized };
}

function checkAffine(name: string, [x, scale, shift]: readonly TensorSpec[]): void {
  checkDTypes(name, [x!, scale!, shift!], ['f32']);
  const channels = x!.shape.at(-1) ?? 0;
  checkShape(name, 'a scale', scale!, [channels]);
  checkShape(name, 'a shift', shift!, [channels]);
}

const layerNormOp = defineOp<CompositeKernels['layerNorm']>({
  name: 'layerNorm',
  infer: (inputs) => {
    checkAffine('layerNorm', inputs);
    return [{ shape: inputs[0]!.shape, dtype: 'f32' }];
  },
  forward: ([x, scale, shift], { epsilon }) => [
    add(mul(standardize(x!, [x!.rank - 1], epsilon).normalized, scale!), shift!),
  ],
  gradient: ({ inputs: [x, scale], gradients: [dy], attributes }) => layerNormGradOp([dy!, x!, scale!], attributes),
});

const layerNormGradOp = defineOp<CompositeKernels['layerNormGrad']>({
  name: 'layerNormGrad',
  infer: ([, x, scale]) => [x!, scale!, scale!].map(({ shape }) => ({ shape, dtype: 'f32' })),
  forward: ([dy, x, scale], { epsilon }) => {
    const { dx, normalized } = standardizeGrad(mul(dy!, scale!), x!, [x!.rank - 1], epsilon);
    const axes = x!.shape.slice(0, -1).map((_, i) => i);
    return [dx, sum(mul(dy!, normalized), { axes }), sum(dy!, { axes })];
  },
});

/**
 * Normalises the last axis.
 *
 * @param x  f32 `[…, C]`.
 * @param scale  f32 `[C]`.
 * @param shift  f32 `[C]`.
 * @see Ba et al. 2016, arXiv:1607.06450
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor {
  return layerNormOp([x, scale, shift], { epsilon: options.epsilon ?? 1e-5 })[0]!;
}

const grouped = (x: Tensor, groups: number): Tensor => {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return reshape(x, [n, h * w, groups, c / groups]);
};

const groupNormOp: Op<CompositeKernels['groupNorm']> = defineOp<CompositeKernels['groupNorm']>({
  name: 'groupNorm',
  infer: (inputs, { groups }) => {
    checkRank('groupNorm', 'an image [N, H, W, C]', inputs[0]!, 4);
    checkAffine('groupNorm', inputs);
    const channels = inputs[0]!.shape[3]!;
    if (groups < 1 || channels % groups !== 0) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `groupNorm: expected a number of groups that divides ${channels} channels, got ${groups}`,
        fix: 'Choose a divisor of the number of channels',
      });
    }
    return [{ shape: inputs[0]!.shape, dtype: 'f32' }];
  },
  // Activations are separate while gradients are recorded, since their rules need the value in between.
  isComposedWhenRecorded: ({ activation }) => activation !== 'none',
  forward: ([x, scale, shift], { groups, epsilon, activation }) => {
    if (activation !== 'none') {
      return [activate(groupNormOp([x!, scale!, shift!], { groups, epsilon, activation: 'none' })[0]!, activation)];
    }
    const { normalized } = standardize(grouped(x!, groups), [1, 3], epsilon);
    return [add(mul(reshape(normalized, x!.shape), scale!), shift!)];
  },
  gradient: ({ inputs: [x, scale], gradients: [dy], attributes: { groups, epsilon } }) =>
    groupNormGradOp([dy!, x!, scale!], { groups, epsilon }),
});

const groupNormGradOp = defineOp<CompositeKernels['groupNormGrad']>({
  name: 'groupNormGrad',
  infer: ([, x, scale]) => [x!, scale!, scale!].map(({ shape }) => ({ shape, dtype: 'f32' })),
  forward: ([dy, x, scale], { groups, epsilon }) => {
    const { dx, normalized } = standardizeGrad(grouped(mul(dy!, scale!), groups), grouped(x!, groups), [1, 3], epsilon);
    const axes = [0, 1, 2];
    return [reshape(dx, x!.shape), sum(mul(dy!, reshape(normalized, x!.shape)), { axes }), sum(dy!, { axes })];
  },
});

/** Groups, stabiliser, and an activation that backends may fuse. */
export interface GroupNormOptions {
  /** Number of groups of consecutive channels; divides C. Default 32. */
  readonly groups?: number;
  /** Default 1e-6, as in VQGAN. */
  readonly epsilon?: number;
  /** Default `'none'`. */
  readonly activation?: Activation;
}

/**
 * Normalises each group of channels over the whole image, then scales, shifts and activates.
 *
 * @param x  f32 `[N, H, W, C]`.
 * @param scale  f32 `[C]`.
 * @param shift  f32 `[C]`.
 * @see Wu & He 2018, arXiv:1803.08494
 */
export function groupNorm(x: Tensor, scale: Tensor, shift: Tensor, options: GroupNormOptions = {}): Tensor {
  const { groups = 32, epsilon = 1e-6, activation = 'none' } = options;
  return groupNormOp([x, scale, shift], { groups, epsilon, activation })[0]!;
}

/** Result of `batchNorm`: the values, and the moments of this batch for running averages. */
export interface BatchNormResult {
  readonly y: Tensor;
  /** f32 `[C]`. */
  readonly mean: Tensor;
  /** Population variance, f32 `[C]`. */
  readonly variance: Tensor;
}

/**
 * Normalises each channel over the batch and the image.
 *
 * @param x  f32 `[N, H, W, C]`.
 * @param moments  Running mean and variance to use instead of this batch's (inference).
 * @see Ioffe & Szegedy 2015, arXiv:1502.03167
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: { readonly epsilon?: number; readonly moments?: { readonly mean: Tensor; readonly variance: Tensor } } = {},
): BatchNormResult {
  checkAffine('batchNorm', [x, scale, shift]);
  const axes = x.shape.slice(0, -1).map((_, i) => i);
  return tidy(() => {
    const average = options.moments ? share(options.moments.mean) : mean(x, { axes });
    const centered = sub(x, average);
    const variance = options.moments ? share(options.moments.variance) : mean(square(centered), { axes });
    const y = add(mul(mul(centered, rsqrt(add(variance, options.epsilon ?? 1e-5))), scale), shift);
    return { y, mean: average, variance };
  });
}
