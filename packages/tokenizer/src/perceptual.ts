/** How unlike images look: what `refine` makes small, and what its results are judged by. */
import {
  add,
  type Backend,
  compile,
  mean,
  meanAbsoluteError,
  mul,
  split,
  type Tensor,
  tidy,
  workPerTurn,
} from '@vqkit/core';
import { type Raster, runTiled, toTensor, toUnitRange } from '@vqkit/images';
import type { Watch } from './networks.ts';

/** How unlike images look, differentiable, e.g. LPIPS: `perceptualLpips` and `perceptualMsSsim` of `@vqkit/metrics`. */
export interface PerceptualLoss<P = unknown> {
  /** A tree of tensors on the backend of the tokenizer; it stays the caller's. */
  readonly params: P;
  /** Pixels along each side below which images are compared by L1 alone. */
  readonly minimumSize: number;
  /** @param a  f32 `[N, H, W, C]` in [−1, 1] with the channels of the model, as is `b`. @returns f32 `[N]`. */
  distance(params: P, a: Tensor, b: Tensor): Tensor;
}

/** Weight of L1 beside the perceptual loss: with 1, pixels get worse than those of the nearest codes; with 2, better. */
const l1Weight = 2;

/** L1 and the perceptual loss, f32 scalar. @param xHat  f32 `[1, H, W, C]` in [−1, 1], as is `x`. */
export function unlikeness(
  { minimumSize, distance }: PerceptualLoss,
  params: PerceptualLoss['params'],
  xHat: Tensor,
  x: Tensor,
): Tensor {
  const l1 = meanAbsoluteError(xHat, x);
  const isSeen = Math.min(x.shape[1]!, x.shape[2]!) >= minimumSize;
  return isSeen ? add(mul(l1, l1Weight), mean(distance(params, xHat, x))) : l1;
}

/** Compares images with what was restored of them. */
export interface Judge {
  /** @returns The mean over windows, each by its share of the image. */
  judge(image: Raster, restored: Raster, watch: Watch): Promise<number>;
  dispose(): void;
}

/** Pixels of a window, without overlap. */
const tiles = { window: 512, halo: 0 };

/** Makes a judge; what it compiles is kept until `dispose`. */
export function createJudge(backend: Backend, perceptual: PerceptualLoss): Judge {
  const compare = compile(
    (pair: Tensor, params: PerceptualLoss['params']): Tensor => {
      const channels = pair.shape[3]! / 2;
      const [x, xHat] = split(toUnitRange(pair), [channels, channels]) as [Tensor, Tensor];
      return unlikeness(perceptual, params, xHat, x);
    },
    { cacheSize: 4, workPerTurn },
  );
  return {
    judge: async (image, restored, { signal }) => {
      const { width, height, channels } = image;
      const data = new Uint8Array(2 * image.data.length);
      for (let at = 0; at < width * height; at++) {
        const [from, to] = [at * channels, (at + 1) * channels];
        data.set(image.data.subarray(from, to) as Uint8Array, 2 * from);
        data.set(restored.data.subarray(from, to) as Uint8Array, 2 * from + channels);
      }
      let sum = 0;
      const onPart = async (part: Raster): Promise<Raster> => {
        const value = tidy(() => compare(toTensor(backend, [part]), perceptual.params));
        try {
          sum += part.width * part.height * ((await value.data({ signal }))[0] as number);
        } finally {
          value.dispose();
        }
        return part;
      };
      await runTiled({ data, width, height, channels: 2 * channels }, onPart, { ...tiles, signal });
      return sum / (width * height);
    },
    dispose: () => compare.dispose(),
  };
}
