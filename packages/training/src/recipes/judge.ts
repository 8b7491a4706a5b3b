/**
 * The two discriminators of the texture stage behind one face: pix2pix's on pixels, and one that judges the frozen features
 * of SqueezeNet, which knows something from the start and may be told the code of each position.
 */
import { type Backend, concat, split, type Tensor } from '@vqkit/core';
import { type LpipsParams, lpipsFeatures } from '@vqkit/metrics';
import {
  type PatchDiscriminatorOptions,
  type ProjectedDiscriminatorParams,
  patchDiscriminator,
  projectedDiscriminator,
  type Scores,
  type SequentialParams,
} from '@vqkit/models';

/** Names of discriminators; `conditioned` is `projected` with the codes. */
export const judgeNames = ['patch', 'projected', 'conditioned'] as const;
export type JudgeName = (typeof judgeNames)[number];

/** Parameters: what is trained, and what stays as it was drawn. */
export interface JudgeParams {
  readonly trained: SequentialParams | ProjectedDiscriminatorParams['heads'];
  readonly fixed: readonly Tensor[];
}

/** Judges batches of images: higher means more real. */
export interface Judge {
  init(backend: Backend, seed: number): JudgeParams;
  /** @param codes  What the images were made from, f32 `[N, h, w, D]`. @returns Scores of each batch. */
  scores(params: JudgeParams, lpips: LpipsParams, images: readonly Tensor[], codes: Tensor): Scores[];
}

/** Which of SqueezeNet's taps are judged (1/4, 1/8 and 1/16), and their channels. */
const [taps, tapChannels] = [
  [1, 2, 6],
  [128, 256, 512],
] as const;

/**
 * Makes a judge.
 *
 * @param dimension  D of the codes.
 * @param patch  Sizes of the patch discriminator.
 */
export function judge(name: JudgeName, dimension: number, patch?: PatchDiscriminatorOptions): Judge {
  return name === 'patch' ? patchJudge(patch) : projectedJudge(name === 'conditioned' ? dimension : 0);
}

/** Both batches go through the network at once. */
const together = (images: readonly Tensor[], apply: (all: Tensor) => readonly Tensor[]): Tensor[][] => {
  const counts = images.map(({ shape }) => shape[0]!);
  const parts = apply(concat(images, 0)).map((scores) => split(scores, counts, 0));
  return images.map((_, i) => parts.map((part) => part[i]!));
};

function patchJudge(options: PatchDiscriminatorOptions = {}): Judge {
  const network = patchDiscriminator({ channels: 32, ...options });
  return {
    init: (backend, seed) => ({ trained: network.init(backend, seed), fixed: [] }),
    scores: ({ trained }, _, images) => together(images, (all) => [network.apply(trained as SequentialParams, all)]),
  };
}

function projectedJudge(codeDimension: number): Judge {
  const network = projectedDiscriminator({ features: tapChannels, codes: codeDimension });
  const features = lpipsFeatures({ backbone: 'squeeze' });
  return {
    init: (backend, seed) => {
      const { heads, mixtures } = network.init(backend, seed);
      return { trained: heads, fixed: mixtures };
    },
    scores: ({ trained, fixed }, lpips, images, codes) =>
      together(images, (all) => {
        const params = { heads: trained as ProjectedDiscriminatorParams['heads'], mixtures: fixed };
        const seen = features(lpips, all);
        const depths = taps.map((tap) => seen[tap]!);
        return codeDimension === 0
          ? network.apply(params, depths)
          : network.apply(
              params,
              depths,
              concat(
                images.map(() => codes),
                0,
              ),
            );
      }),
  };
}
