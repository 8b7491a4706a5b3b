/**
 * The autoencoder of VQGAN in the configuration of taming-transformers, without its quantizer: any quantizer of vqkit
 * goes between the two 1×1 convolutions.
 *
 *   x → encoder → 1×1 → zE → quantizer → zQ → 1×1 → decoder → xHat
 *
 * @see Esser et al. 2021, arXiv:2012.09841; configuration of CompVis/taming-transformers (f16, ImageNet)
 */
import { type Backend, type Random, random, type Tensor, tidy } from '@vqkit/core';
import { conv } from '../layers/conv.ts';
import { groupNormLayer } from '../layers/group-norm.ts';
import { type Layer, type SequentialParams, sequential } from '../layers/layer.ts';
import { attentionBlock, downsampleConv, normalizedResBlock, upsampleConv } from './blocks.ts';

/** Sizes of a VQGAN. The defaults are the published f16 model: 29.3 M and 42.5 M parameters. */
export interface VqganOptions {
  /** D. Default 256. */
  readonly dimension?: number;
  /** Channels at full resolution. Default 128. */
  readonly channels?: number;
  /** Channel multipliers per level; the image is halved between levels. Default [1, 1, 2, 2, 4]. */
  readonly multipliers?: readonly number[];
  /** Residual blocks per level of the encoder; the decoder has one more. Default 2. */
  readonly blocks?: number;
  /** Levels whose blocks are followed by attention, from 0. Default: the last. */
  readonly attentionLevels?: readonly number[];
  /** Groups of the normalisations. Default 32. */
  readonly groups?: number;
}

/** Parameters of both halves. */
export interface VqganParams {
  readonly encoder: SequentialParams;
  readonly decoder: SequentialParams;
}

/** A VQGAN without its quantizer. */
export interface Vqgan {
  readonly dimension: number;
  /** Pixels per latent position along each axis. */
  readonly scale: number;
  init(backend: Backend, seed: number): VqganParams;
  /** @param x  f32 `[N, H, W, 3]` in [−1, 1]; H and W multiples of `scale`. @returns zE, f32 `[N, H/scale, W/scale, D]`. */
  encode(params: VqganParams['encoder'], x: Tensor): Tensor;
  /** @returns f32 `[N, H, W, 3]`, about [−1, 1]. */
  decode(params: VqganParams['decoder'], z: Tensor): Tensor;
}

type Sizes = Required<VqganOptions>;

function blocksOf(
  count: number,
  inChannels: number,
  outChannels: number,
  level: number,
  { attentionLevels, groups }: Sizes,
): Layer[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const block = normalizedResBlock(i === 0 ? inChannels : outChannels, outChannels, groups);
    return attentionLevels.includes(level) ? [block, attentionBlock(outChannels, groups)] : [block];
  });
}

function middle(channels: number, groups: number): Layer[] {
  return [
    normalizedResBlock(channels, channels, groups),
    attentionBlock(channels, groups),
    normalizedResBlock(channels, channels, groups),
  ];
}

function encoderOf(sizes: Sizes): Layer<SequentialParams> {
  const { channels, multipliers, blocks, dimension, groups } = sizes;
  const widths = multipliers.map((m) => m * channels);
  const levels = widths.flatMap((width, level) => [
    ...blocksOf(blocks, widths[level - 1] ?? channels, width, level, sizes),
    ...(level < widths.length - 1 ? [downsampleConv(width)] : []),
  ]);
  const last = widths.at(-1)!;
  return sequential([
    conv({ inChannels: 3, outChannels: channels }),
    ...levels,
    ...middle(last, groups),
    groupNormLayer(last, { groups, activation: 'silu' }),
    conv({ inChannels: last, outChannels: dimension }),
    conv({ inChannels: dimension, outChannels: dimension, size: 1 }),
  ]);
}

function decoderOf(sizes: Sizes): Layer<SequentialParams> {
  const { channels, multipliers, blocks, dimension, groups } = sizes;
  const widths = multipliers.map((m) => m * channels);
  const last = widths.at(-1)!;
  const levels = widths
    .map((width, level) => [
      ...blocksOf(blocks + 1, widths[level + 1] ?? last, width, level, sizes),
      ...(level > 0 ? [upsampleConv(width)] : []),
    ])
    .reverse()
    .flat();
  return sequential([
    conv({ inChannels: dimension, outChannels: dimension, size: 1 }),
    conv({ inChannels: dimension, outChannels: last }),
    ...middle(last, groups),
    ...levels,
    groupNormLayer(widths[0]!, { groups, activation: 'silu' }),
    conv({ inChannels: widths[0]!, outChannels: 3 }),
  ]);
}

/**
 * Makes a VQGAN.
 *
 * @example
 * const model = vqgan({ dimension: 64, channels: 32, multipliers: [1, 2, 4], groups: 16 }); // a small one, at 1/4 scale
 * const params = model.init(backend, 1);
 * const z = model.encode(params.encoder, x); // x: [1, 64, 64, 3] → z: [1, 16, 16, 64]
 */
export function vqgan(options: VqganOptions = {}): Vqgan {
  const { dimension = 256, channels = 128, multipliers = [1, 1, 2, 2, 4], blocks = 2, groups = 32 } = options;
  const { attentionLevels = [multipliers.length - 1] } = options;
  const sizes: Sizes = { dimension, channels, multipliers, blocks, attentionLevels, groups };
  const encoder = encoderOf(sizes);
  const decoder = decoderOf(sizes);
  const streams = (seed: number): [Random, Random] => [random(seed).split(0), random(seed).split(1)];
  return {
    dimension,
    scale: 2 ** (multipliers.length - 1),
    init: (backend, seed) => {
      const [first, second] = streams(seed);
      return { encoder: encoder.init(backend, first), decoder: decoder.init(backend, second) };
    },
    encode: (params, x) => tidy(() => encoder.apply(params, x)),
    decode: (params, z) => tidy(() => decoder.apply(params, z)),
  };
}
