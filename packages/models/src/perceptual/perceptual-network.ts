/**
 * A small network that tells how alike two images look: features at four scales, compared place by place. Trained to
 * tell differences as a large perceptual metric does, it serves where that metric's weights cannot go along.
 *
 *   x [N,H,W,3] → 1/2 → 1/4 → 1/8 → 1/16, a linear head at each: [N,h,w,C]
 *
 * Windows lie as those of SqueezeNet: no padding at the start, and every stride begins in the corner.
 *
 * @see Zhang et al. 2018, arXiv:1801.03924, for distances of features; Hinton et al. 2015, arXiv:1503.02531, for learning
 *   from a larger network
 */
import { add, type Backend, mean, mul, random, silu, square, sub, type Tensor, tidy } from '@vqkit/core';
import { resBlocks } from '../layers/blocks.ts';
import { type ConvParams, conv } from '../layers/conv.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';

/** Four numbers, for 1/2, 1/4, 1/8 and 1/16. */
type PerScale = readonly [number, number, number, number];

/** About the size of features of LPIPS: heads start with it, so that filters can have usual sizes. */
const size = 0.02;

/** Sizes of a perceptual network. */
export interface PerceptualNetworkOptions {
  /** Default [32, 64, 96, 128]. */
  readonly channels?: PerScale;
  /** Residual blocks. Default [1, 1, 1, 2]. */
  readonly blocks?: PerScale;
  /** C: channels of the features. Default [64, 128, 256, 1792], those of the taps of SqueezeNet at each scale. */
  readonly features?: PerScale;
}

/** Parameters: what makes a scale of the one before, and its head. */
export type PerceptualNetworkParams = readonly {
  readonly body: SequentialParams;
  readonly head: SequentialParams;
}[];

/** A perceptual network. */
export interface PerceptualNetwork {
  /** Images must have so many pixels along each side: 17. */
  readonly minimumSize: number;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): PerceptualNetworkParams;
  /** @param x  f32 `[N, H, W, 3]` in [−1, 1]. @returns f32 `[N, h, w, C]` per scale, finest first. */
  features(params: PerceptualNetworkParams, x: Tensor): Tensor[];
  /** How unlike image pairs look, 0 for equal ones: per scale, the mean over places of the squared distance. @returns f32 `[N]`. */
  distance(params: PerceptualNetworkParams, a: Tensor, b: Tensor): Tensor;
}

/** Makes a perceptual network: 1.3 million parameters at the default sizes. */
export function perceptualNetwork(options: PerceptualNetworkOptions = {}): PerceptualNetwork {
  const { channels = [32, 64, 96, 128], blocks = [1, 1, 1, 2], features = [64, 128, 256, 1792] } = options;
  const scales = channels.map((outChannels, i) => ({
    body: sequential([halve(i === 0 ? 3 : channels[i - 1]!, outChannels, i > 0), resBlocks(blocks[i]!, outChannels)]),
    head: sequential([
      lambda(silu),
      conv({ inChannels: outChannels, outChannels: features[i]!, size: 1 }),
      lambda((y) => mul(y, size)),
    ]),
  }));
  const featuresOf = (params: PerceptualNetworkParams, x: Tensor): Tensor[] =>
    scales.map(({ body, head }, i) => {
      x = body.apply(params[i]!.body, x);
      return head.apply(params[i]!.head, x);
    });
  return {
    minimumSize: 17,
    init: (backend, seed) =>
      scales.map(({ body, head }, i) => ({
        body: body.init(backend, random(seed).split(2 * i)),
        head: head.init(backend, random(seed).split(2 * i + 1)),
      })),
    features: (params, x) => tidy(() => featuresOf(params, x)),
    distance: (params, a, b) =>
      tidy(() => {
        const [ofA, ofB] = [featuresOf(params, a), featuresOf(params, b)];
        // Mean over places and channels, times channels: the sum over channels.
        const distances = ofA.map((tap, i) => mul(mean(square(sub(tap, ofB[i]!)), { axes: [1, 2, 3] }), features[i]!));
        return distances.reduce(add);
      }),
  };
}

/** A 3×3 convolution with stride 2 from the corner; where `reachesOver`, its last window may reach over the border by one pixel. */
function halve(inChannels: number, outChannels: number, reachesOver: boolean): Layer<ConvParams> {
  const over = (size: number): number => (reachesOver ? (size - 3) & 1 : 0);
  const layerFor = (bottom: number, right: number): Layer<ConvParams> =>
    conv({ inChannels, outChannels, stride: 2, pads: [0, 0, bottom, right] });
  return {
    init: layerFor(0, 0).init,
    apply: (params, x) => layerFor(over(x.shape[1]!), over(x.shape[2]!)).apply(params, x),
  };
}
