/** Convolution layers with the initialisations that image models use. */
import { type Activation, type Backend, conv2dFused, type Random, type Tensor, tensor, zeros } from '@vqkit/core';
import type { Layer } from './layer.ts';

/** Parameters of a convolution. */
export interface ConvParams {
  /** f32 `[kh, kw, cin, cout]`. */
  readonly weight: Tensor;
  /** f32 `[cout]`. */
  readonly bias: Tensor;
}

/** What a convolution layer is. */
export interface ConvOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Window size. Default 3. */
  readonly size?: number;
  /** Default 1. */
  readonly stride?: number;
  /** Pads `[top, left, bottom, right]`, one number, or `'same'`. Default `'same'`. */
  readonly pads?: 'same' | number | readonly [number, number, number, number];
  /** Applied after the bias. Default `'none'`. */
  readonly activation?: Activation;
  /**
   * How weights start: `'kaiming'` keeps the variance of a ReLU-like network, `'zero'` makes a residual branch start as
   * the identity, `{ shuffle: r }` (ICNR) gives the r² channels that a pixel shuffle turns into one patch equal
   * filters, so that the enlarged image starts without a grid. Default `'kaiming'`.
   *
   * @see He et al. 2015, arXiv:1502.01852; Aitken et al. 2017, arXiv:1707.02937
   */
  readonly start?: 'kaiming' | 'zero' | { readonly shuffle: number };
}

/** Uniform with variance 1/fan-in: half of He's, which suits residual branches that are added up. */
function kaiming(random: Random, fanIn: number, size: number): Float32Array {
  const bound = Math.sqrt(3 / fanIn);
  return random.uniformArray(size, -bound, bound);
}

function startWeights(random: Random, options: ConvOptions, size: number): Float32Array {
  const { inChannels, outChannels, start = 'kaiming' } = options;
  const taps = size * size * inChannels;
  if (start === 'zero') return new Float32Array(taps * outChannels);
  if (start === 'kaiming') return kaiming(random, taps, taps * outChannels);
  const repeats = start.shuffle ** 2;
  const distinct = kaiming(random, taps, (taps * outChannels) / repeats);
  return Float32Array.from({ length: taps * outChannels }, (_, i) => distinct[Math.floor(i / repeats)]!);
}

/**
 * A convolution with bias and activation.
 *
 * @returns A layer from f32 `[N, H, W, inChannels]` to `[N, ⌈H/stride⌉, ⌈W/stride⌉, outChannels]` (with `'same'` pads).
 */
export function conv(options: ConvOptions): Layer<ConvParams> {
  const { inChannels, outChannels, size = 3, stride = 1, pads = 'same', activation = 'none' } = options;
  return {
    init: (backend: Backend, random: Random): ConvParams => ({
      weight: tensor(backend, startWeights(random, options, size), [size, size, inChannels, outChannels]),
      bias: zeros(backend, [outChannels]),
    }),
    apply: ({ weight, bias }, x) => conv2dFused(x, weight, { bias, strides: stride, pads, activation }),
  };
}
