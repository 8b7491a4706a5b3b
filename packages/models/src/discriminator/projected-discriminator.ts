/**
 * The projected discriminator: judges frozen features of an image instead of its pixels, so that it knows something from
 * the start. Each depth has a random mixture of channels that is never trained, and a small trained head.
 *
 *   features [N,h,w,C] → random 1×1 (frozen) → norm → 3×3 → 1×1 → 1×1 → scores [N,h,w,1]      for every depth
 *                                                             └ · 1×1(codes) ┘
 *
 * The features arrive as an argument: whoever trains brings the network. With codes, a head also asks whether the image
 * fits what was transmitted at each position, by the inner product of a projection discriminator.
 *
 * @see Sauer et al. 2021, arXiv:2111.01007; Miyato & Koyama 2018, arXiv:1802.05637, for the inner product; Muckley et
 *   al. 2023, arXiv:2301.11189 (MS-ILLM), for codes of the image as labels. Changed: scores of all positions, as a patch
 *   discriminator has, and one group norm over the whole image in place of spectral norms.
 */
import { add, type Backend, conv2d, mul, random, resize, ShapeError, sum, type Tensor, tidy } from '@vqkit/core';
import { type ConvParams, conv } from '../layers/conv.ts';
import { groupNormLayer } from '../layers/group-norm.ts';
import { type Layer, type SequentialParams, sequential } from '../layers/layer.ts';

/** Sizes of a projected discriminator. */
export interface ProjectedDiscriminatorOptions {
  /** Channels of the features at each depth, e.g. [128, 256, 512] of SqueezeNet's taps 1, 2 and 6. */
  readonly features: readonly number[];
  /** Channels of the mixtures and heads. Default 64. */
  readonly channels?: number;
  /** D of the codes that scores are conditioned on; 0 for none. Default 0. */
  readonly codes?: number;
}

/** Parameters: train the heads; the mixtures stay as they were drawn. */
export interface ProjectedDiscriminatorParams {
  /** Random filters, f32 `[1, 1, C, channels]` per depth. */
  readonly mixtures: readonly Tensor[];
  readonly heads: readonly ProjectedHead[];
}

/** Parameters of one head. */
export interface ProjectedHead {
  readonly body: SequentialParams;
  readonly score: ConvParams;
  /** From codes to the head's channels; where scores are conditioned. */
  readonly codes?: ConvParams;
}

/** A discriminator on features: higher means more real. */
export interface ProjectedDiscriminator {
  /** @param seed  The same seed gives the same mixtures and heads on every backend. */
  init(backend: Backend, seed: number): ProjectedDiscriminatorParams;
  /**
   * @param features  f32 `[N, h, w, C]` per depth.
   * @param codes  What the image was made from, f32 `[N, hc, wc, D]`: code vectors, or `oneHot` of indices; spread
   *   bilinearly over each depth. Wanted where the option `codes` is not 0.
   * @returns Scores per depth, f32 `[N, h, w, 1]`.
   */
  apply(params: ProjectedDiscriminatorParams, features: readonly Tensor[], codes?: Tensor): Tensor[];
}

/**
 * Makes a projected discriminator.
 *
 * @example
 * const judge = projectedDiscriminator({ features: [128, 256, 512] });
 * const { mixtures, heads } = judge.init(backend, 1);
 * const scores = judge.apply({ mixtures, heads }, taps(x)); // differentiate with respect to heads alone
 */
export function projectedDiscriminator(options: ProjectedDiscriminatorOptions): ProjectedDiscriminator {
  const { channels = 64, codes: dimension = 0 } = options;
  const width = { inChannels: channels, outChannels: channels };
  const body: Layer<SequentialParams> = sequential([
    groupNormLayer(channels, { groups: 1 }),
    conv({ ...width, activation: 'leakyRelu' }),
    conv({ ...width, size: 1, activation: 'leakyRelu' }),
  ]);
  const score = conv({ inChannels: channels, outChannels: 1, size: 1 });
  const embed = conv({ inChannels: dimension, outChannels: channels, size: 1, start: 'zero' });

  const judge = (head: ProjectedHead, mixed: Tensor, codes: Tensor | undefined): Tensor => {
    const h = body.apply(head.body, mixed);
    const free = score.apply(head.score, h);
    if (head.codes === undefined || codes === undefined) return free;
    const label = embed.apply(head.codes, resize(codes, { height: h.shape[1]!, width: h.shape[2]! }));
    return add(free, sum(mul(label, h), { axes: 3, keepDims: true }));
  };

  return {
    init: (backend, seed) => ({
      mixtures: options.features.map((from, i) =>
        random(seed)
          .split(0)
          .split(i)
          .normal(backend, [1, 1, from, channels], 0, Math.sqrt(1 / from)),
      ),
      heads: options.features.map((_, i) => {
        const stream = random(seed).split(1).split(i);
        return {
          body: body.init(backend, stream.split(0)),
          score: score.init(backend, stream.split(1)),
          ...(dimension > 0 && { codes: embed.init(backend, stream.split(2)) }),
        };
      }),
    }),
    apply: ({ mixtures, heads }, features, codes) => {
      checkInputs(options, features, codes);
      return tidy(() => heads.map((head, i) => judge(head, conv2d(features[i]!, mixtures[i]!, { pads: 0 }), codes)));
    },
  };
}

function checkInputs(
  { features: channels, codes: dimension = 0 }: ProjectedDiscriminatorOptions,
  features: readonly Tensor[],
  codes: Tensor | undefined,
): void {
  const arrived = [features.map((x) => x.shape.at(-1)), codes?.shape.at(-1) ?? 0];
  if (arrived.flat().join() === [...channels, dimension].join()) return;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `projectedDiscriminator: expected features with [${channels}] channels and codes with ${dimension}, got [${arrived[0]}] and ${arrived[1]}`,
    fix: 'Pass the features that it was made for, and codes where it was made with them',
  });
}
