/**
 * The autoencoder of CVQ and LooC on small images, without its quantizer: DeepMind's VQ-VAE at 1/4 scale, no
 * normalisation.
 *
 *   x [N,H,W,C] → 4×4 s2 → 4×4 s2 → 3×3 → 2 residual blocks → 1×1 → zE [N,H/4,W/4,D]
 *   zQ → 3×3 → 2 residual blocks → 4×4 transposed s2 → 4×4 transposed s2 → xHat
 *
 * In the published code the first ReLU of a residual block works in place, so its shortcut carries relu(x):
 * y = relu(x) + F(relu(x)). It is so here.
 *
 * @see van den Oord et al. 2017, arXiv:1711.00937; Zheng & Vedaldi 2023, arXiv:2307.15139
 */
import { type Backend, random, relu, type Tensor, tidy } from '@vqkit/core';
import { type Layer, lambda, residual, type SequentialParams, sequential } from '../layers/layer.ts';
import { torchConv, torchConvTranspose } from './torch-conv.ts';

/** Sizes of the network. The defaults are LooC's. */
export interface VqVaeOptions {
  /** C: 1 for grey, 3 for colour. Default 3. */
  readonly channels?: number;
  /** D. Default 128; CVQ's repository has 64. */
  readonly dimension?: number;
  /** Channels at 1/4 scale; half as many at 1/2. Default 128. */
  readonly hidden?: number;
  /** Channels inside residual blocks. Default 32. */
  readonly residualHidden?: number;
  /** Residual blocks per half. Default 2. */
  readonly residualBlocks?: number;
}

/** Parameters of both halves. */
export interface VqVaeParams {
  readonly encoder: SequentialParams;
  readonly decoder: SequentialParams;
}

/** An autoencoder without its quantizer. */
export interface VqVae {
  /** D. */
  readonly dimension: number;
  /** Pixels per latent position along each axis: 4. Height and width of images must be multiples of it. */
  readonly scale: number;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): VqVaeParams;
  /** @param x  f32 `[N, H, W, C]` in [−1, 1]. @returns zE, f32 `[N, H/4, W/4, D]`. */
  encode(params: VqVaeParams['encoder'], x: Tensor): Tensor;
  /** @param z  f32 `[N, h, w, D]`. @returns f32 `[N, 4·h, 4·w, C]`, about [−1, 1] (not clipped). */
  decode(params: VqVaeParams['decoder'], z: Tensor): Tensor;
}

/** relu, then x + F(x). */
function residualStack(blocks: number, hidden: number, inner: number): Layer<SequentialParams> {
  const block = residual(
    sequential([
      torchConv({ inChannels: hidden, outChannels: inner, size: 3, pads: 1, activation: 'relu' }),
      torchConv({ inChannels: inner, outChannels: hidden, size: 1 }),
    ]),
  );
  const stack: Layer[] = Array.from({ length: blocks }, () => [lambda(relu), block] as Layer[]).flat();
  return sequential([...stack, lambda(relu)]);
}

/**
 * Makes the network: 740,609 parameters for grey and 744,707 for colour images at the default sizes.
 *
 * @example
 * const model = vqVae({ channels: 1 });
 * const params = model.init(backend, 42);
 * const z = model.encode(params.encoder, x); // x: [128, 28, 28, 1] → z: [128, 7, 7, 128]
 */
export function vqVae(options: VqVaeOptions = {}): VqVae {
  const { channels = 3, dimension = 128, hidden = 128, residualHidden = 32, residualBlocks = 2 } = options;
  const half = hidden / 2;
  const halving = { size: 4, stride: 2, pads: 1, activation: 'relu' } as const;
  const encoder = sequential([
    torchConv({ inChannels: channels, outChannels: half, ...halving }),
    torchConv({ inChannels: half, outChannels: hidden, ...halving }),
    torchConv({ inChannels: hidden, outChannels: hidden, size: 3, pads: 1 }),
    residualStack(residualBlocks, hidden, residualHidden),
    torchConv({ inChannels: hidden, outChannels: dimension, size: 1 }),
  ]);
  const decoder = sequential([
    torchConv({ inChannels: dimension, outChannels: hidden, size: 3, pads: 1 }),
    residualStack(residualBlocks, hidden, residualHidden),
    torchConvTranspose({ inChannels: hidden, outChannels: half, ...halving }),
    torchConvTranspose({ inChannels: half, outChannels: channels, ...halving, activation: 'none' }),
  ]);
  return {
    dimension,
    scale: 4,
    init: (backend, seed) => ({
      encoder: encoder.init(backend, random(seed).split(0)),
      decoder: decoder.init(backend, random(seed).split(1)),
    }),
    encode: (params, x) => tidy(() => encoder.apply(params, x)),
    decode: (params, z) => tidy(() => decoder.apply(params, z)),
  };
}
