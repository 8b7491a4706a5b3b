/**
 * A transformer that draws feature maps by flow matching: it learns the direction from noise to features, and following it
 * from noise in small steps gives new features, which the quantizer codes and the decoder shows. LooC's paper does so with a
 * U-Net and diffusion; on small maps this is enough.
 *
 *   x_t = (1 − t)·noise + t·z ─→ W·x + time + class + place ─→ blocks (rotary places) ─→ z − noise, guessed
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; Peebles & Xie 2023 (DiT), arXiv:2212.09748. Changed: conditions are added to
 *   tokens, where DiT scales by them
 */
import {
  add,
  type Backend,
  concat,
  cos,
  div,
  gather,
  gelu,
  mul,
  random,
  reshape,
  sin,
  sub,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import { type DenseParams, dense, layerNormLayer } from '../layers/dense.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import { labelDeviation, learned } from './index-transformer.ts';
import { placeSize, placesOf } from './places.ts';
import { transformerBlock } from './transformer-block.ts';

/** Sizes of a latent flow. */
export interface LatentFlowOptions {
  /** D: length of the features. */
  readonly dimension: number;
  /** Numbers per position. Default 192. */
  readonly width?: number;
  /** Default 6. */
  readonly blocks?: number;
  /** Default 6. */
  readonly heads?: number;
  /** Classes that can be asked for. Default 0: there are none. */
  readonly classes?: number;
}

/** Parameters. */
export interface LatentFlowParams {
  readonly token: DenseParams;
  readonly place: DenseParams;
  readonly time: SequentialParams;
  /** What classes add to tokens, f32 `[classes + 1, width]`; the last row stands for no class. */
  readonly label: Tensor;
  readonly body: SequentialParams;
}

/** A place on the way from noise to features. */
export interface LatentFlowInput {
  /** f32 `[N, h, w, D]`. */
  readonly x: Tensor;
  /** 0 for noise, 1 for features, f32 `[N]`. */
  readonly time: Tensor;
  /** u32 `[N]`, each at most `classes`, which stands for no class. */
  readonly labels: Tensor;
}

/** A network that knows the way from noise to features. */
export interface LatentFlow {
  readonly options: Required<LatentFlowOptions>;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): LatentFlowParams;
  /** @returns Features minus noise, as they are expected, f32 `[N, h, w, D]`. */
  apply(params: LatentFlowParams, input: LatentFlowInput): Tensor;
}

/** Waves that a time is told by, and the fastest of them, in radians from 0 to 1. */
const [waves, fastest] = [32, 1000];

/** Makes the network. */
export function latentFlow(options: LatentFlowOptions): LatentFlow {
  const { dimension, width = 192, blocks = 6, heads = 6, classes = 0 } = options;
  const token = dense(dimension, width);
  const place = dense(placeSize, width);
  const time = sequential([dense(2 * waves, width), lambda(gelu), dense(width, width)]);
  const body = sequential([
    ...Array.from({ length: blocks }, (): Layer<SequentialParams> => transformerBlock({ width, heads })),
    layerNormLayer(width),
    dense(width, dimension, 0),
  ]);
  return {
    options: { dimension, width, blocks, heads, classes },
    init: (backend, seed) => {
      const stream = random(seed);
      return {
        token: token.init(backend, stream.split(0)),
        place: place.init(backend, stream.split(4)),
        time: time.init(backend, stream.split(1)),
        label: learned(backend, stream.split(2), [classes + 1, width], labelDeviation),
        body: body.init(backend, stream.split(3)),
      };
    },
    apply: (params, { x, time: t, labels }) =>
      tidy(() => {
        const told = add(time.apply(params.time, wavesOf(t)), gather(params.label, labels));
        const [, h, w] = x.shape as [number, number, number, number];
        const there = add(token.apply(params.token, x), place.apply(params.place, placesOf(x.backend, h, w)));
        return body.apply(params.body, add(there, reshape(told, [-1, 1, 1, width])));
      }),
  };
}

/**
 * Times crowded towards noise: t / (t + shift·(1 − t)). In maps whose numbers say the same many times over, a little of them
 * shows through the noise at once, so what is settled first, such as the class, is settled at times near 0; times spread
 * evenly hardly visit these.
 *
 * @param time  0 to 1, f32.
 * @param shift  1 changes nothing; with s half of the times lie below 1 / (1 + s), f32 `[]`.
 * @see Esser et al. 2024, arXiv:2403.03206, section 5.3.2, where larger images are shifted
 */
export function flowTime(time: Tensor, shift: Tensor): Tensor {
  return tidy(() => div(time, add(time, mul(shift, sub(1, time)))));
}

/** Sines and cosines of times, from 1 radian up, f32 `[N, 2·waves]`. */
function wavesOf(time: Tensor): Tensor {
  const rates = Float32Array.from({ length: waves }, (_, i) => fastest ** (i / (waves - 1)));
  const angles = mul(reshape(time, [-1, 1]), tensor(time.backend, rates, [1, waves]));
  return concat([sin(angles), cos(angles)], -1);
}
