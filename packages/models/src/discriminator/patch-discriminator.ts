/**
 * The patch discriminator of pix2pix and VQGAN: judges every patch of an image, by convolutions alone. Normalisation is
 * by group instead of batch, so that one image's score does not depend on the others and inference needs no statistics.
 *
 * @see Isola et al. 2017, arXiv:1611.07004
 */
import {
  type Activation,
  type Backend,
  leakyRelu,
  type Random,
  random,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '@vqkit/core';
import { type ConvParams, conv } from '../layers/conv.ts';
import { groupNormLayer } from '../layers/group-norm.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';

/** Sizes of a discriminator. */
export interface PatchDiscriminatorOptions {
  /** Channels of the first layer. Default 64. */
  readonly channels?: number;
  /** Layers with stride 2; patches are about 70 pixels wide with 3. Default 3. */
  readonly layers?: number;
  /** Groups of the normalisations. Default 16. */
  readonly groups?: number;
}

/** A discriminator: higher means more real. */
export interface PatchDiscriminator {
  init(backend: Backend, seed: number): SequentialParams;
  /** @param x  f32 `[N, H, W, 3]`. @returns Scores, f32 `[N, h, w, 1]`. */
  apply(params: SequentialParams, x: Tensor): Tensor;
}

/** A 4×4 convolution whose weights start at N(0, 0.02), as in the paper. */
function patchConv(
  inChannels: number,
  outChannels: number,
  stride: number,
  activation: Activation = 'none',
): Layer<ConvParams> {
  const layer = conv({ inChannels, outChannels, size: 4, stride, pads: 1, activation });
  return {
    apply: layer.apply,
    init: (backend: Backend, stream: Random) => ({
      weight: tensor(backend, stream.normalArray(16 * inChannels * outChannels, 0, 0.02), [
        4,
        4,
        inChannels,
        outChannels,
      ]),
      bias: zeros(backend, [outChannels]),
    }),
  };
}

/** Makes a patch discriminator. */
export function patchDiscriminator(options: PatchDiscriminatorOptions = {}): PatchDiscriminator {
  const { channels = 64, layers = 3, groups = 16 } = options;
  const widthOf = (level: number): number => channels * Math.min(2 ** level, 8);
  const body = Array.from({ length: layers }, (_, i) => i + 1).flatMap((level) => [
    patchConv(widthOf(level - 1), widthOf(level), level < layers ? 2 : 1),
    groupNormLayer(widthOf(level), { groups }),
    lambda((x) => leakyRelu(x)),
  ]);
  const network = sequential([patchConv(3, channels, 2, 'leakyRelu'), ...body, patchConv(widthOf(layers), 1, 1)]);
  return {
    init: (backend, seed) => network.init(backend, random(seed)),
    apply: (params, x) => tidy(() => network.apply(params, x)),
  };
}
