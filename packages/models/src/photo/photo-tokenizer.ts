/**
 * The default model of the codec: an autoencoder at 1/16 scale, small enough for a browser.
 *
 *   x → patches of 4 → encoder → zE → quantizer → zQ → decoder → xHat
 *   [N,H,W,3]                    [N,H/16,W/16,D]               [N,H,W,3]
 *
 * Nearly all work happens at 1/4 scale and below. The tail grows to full resolution in two steps with a convolution
 * after the last one, because a network that ends in a pixel shuffle leaves a grid in the picture.
 */
import { type Backend, random, silu, type Tensor, tidy } from '@vqkit/core';
import { downsample, patchify, resBlocks, type Shortcut, upsample } from '../layers/blocks.ts';
import { conv } from '../layers/conv.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';

/** Sizes of a photo tokenizer; channels are multiples of 16, which vectorised kernels like. */
export interface PhotoTokenizerOptions {
  /** D: length of the vectors between encoder and decoder. Default 16. */
  readonly dimension?: number;
  /** Encoder channels at 1/4, 1/8 and 1/16. Default [64, 96, 160]. */
  readonly encoderChannels?: readonly [number, number, number];
  /** Encoder residual blocks at 1/4, 1/8 and 1/16. Default [2, 2, 3]. */
  readonly encoderBlocks?: readonly [number, number, number];
  /** Decoder channels at 1/16, 1/8, 1/4, 1/2 and 1. Default [256, 128, 64, 32, 16]. */
  readonly decoderChannels?: readonly [number, number, number, number, number];
  /** Decoder residual blocks at 1/16, 1/8 and 1/4. Default [3, 3, 3]. */
  readonly decoderBlocks?: readonly [number, number, number];
  /**
   * Around the changes of resolution from 1/4 to 1/16 and back; the tail has none, or it would start with a grid. The
   * number of parameters stays. Default `'none'`, as in `ph-1`.
   */
  readonly shortcut?: Shortcut;
}

/** Parameters of both halves. */
export interface PhotoTokenizerParams {
  readonly encoder: SequentialParams;
  readonly decoder: SequentialParams;
}

/** An autoencoder without its quantizer. */
export interface PhotoTokenizer {
  /** D. */
  readonly dimension: number;
  /** Pixels per latent position along each axis: 16. Height and width of images must be multiples of it. */
  readonly scale: number;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): PhotoTokenizerParams;
  /** @param x  f32 `[N, H, W, 3]` in [−1, 1]. @returns zE, f32 `[N, H/16, W/16, D]`. */
  encode(params: PhotoTokenizerParams['encoder'], x: Tensor): Tensor;
  /** @param z  f32 `[N, h, w, D]`. @returns f32 `[N, 16·h, 16·w, 3]`, about [−1, 1] (not clipped). */
  decode(params: PhotoTokenizerParams['decoder'], z: Tensor): Tensor;
}

const patch = 4;

function encoderLayers(
  dimension: number,
  [a, b, c]: readonly [number, number, number],
  blocks: readonly [number, number, number],
  shortcut: Shortcut,
): Layer<SequentialParams> {
  return sequential([
    patchify(patch),
    conv({ inChannels: 3 * patch ** 2, outChannels: a }),
    resBlocks(blocks[0], a),
    downsample(a, b, shortcut),
    resBlocks(blocks[1], b),
    downsample(b, c, shortcut),
    resBlocks(blocks[2], c),
    lambda(silu),
    conv({ inChannels: c, outChannels: dimension, size: 1 }),
  ]);
}

function decoderLayers(
  dimension: number,
  [a, b, c, d, e]: readonly [number, number, number, number, number],
  blocks: readonly [number, number, number],
  shortcut: Shortcut,
): Layer<SequentialParams> {
  return sequential([
    conv({ inChannels: dimension, outChannels: a }),
    resBlocks(blocks[0], a),
    upsample(a, b, { shortcut }),
    resBlocks(blocks[1], b),
    upsample(b, c, { shortcut }),
    resBlocks(blocks[2], c),
    lambda(silu),
    upsample(c, d),
    lambda(silu),
    upsample(d, e),
    lambda(silu),
    conv({ inChannels: e, outChannels: 3 }),
  ]);
}

/**
 * Makes a photo tokenizer: 2.2 M parameters in the encoder and 6.3 M in the decoder at the default sizes.
 *
 * @example
 * const model = photoTokenizer();
 * const params = model.init(backend, 1);
 * const z = model.encode(params.encoder, x); // x: [1, 512, 768, 3] → z: [1, 32, 48, 16]
 */
export function photoTokenizer(options: PhotoTokenizerOptions = {}): PhotoTokenizer {
  const { dimension = 16, encoderChannels = [64, 96, 160], encoderBlocks = [2, 2, 3] } = options;
  const { decoderChannels = [256, 128, 64, 32, 16], decoderBlocks = [3, 3, 3], shortcut = 'none' } = options;
  const encoder = encoderLayers(dimension, encoderChannels, encoderBlocks, shortcut);
  const decoder = decoderLayers(dimension, decoderChannels, decoderBlocks, shortcut);
  return {
    dimension,
    scale: 16,
    init: (backend, seed) => ({
      encoder: encoder.init(backend, random(seed).split(0)),
      decoder: decoder.init(backend, random(seed).split(1)),
    }),
    encode: (params, x) => tidy(() => encoder.apply(params, x)),
    decode: (params, z) => tidy(() => decoder.apply(params, z)),
  };
}
