/**
 * The tokenizer of TVQ: splits an image into a coarse structure, which stays continuous, and a texture, which alone is
 * quantized. The structure is trained to equal the code of the reduced image, so that few pixels are enough to predict it.
 *
 *   x [N,H,W,3] → trunk: detail (1/8) → low: structure (1/16) → base: S (1/8)
 *                            └────────── texture: z = f(S, detail) → quantizer → zQ
 *                                                                 S + zQ → decoder → xHat
 *   x reduced by areas (1/8) → small encoder: code, which the structure must equal → small decoder
 *
 * At a quarter of the paper's widths and half its scales, made of the photo tokenizer's blocks: no normalisation and no
 * attention, so that tiles fit. Without structure it is the vanilla tokenizer that the paper compares with.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774
 */
import { add, avgPool, type Backend, concat, random, silu, type Tensor, tidy } from '@vqkit/core';
import { patchify, resBlocks, upsample } from '../layers/blocks.ts';
import { conv } from '../layers/conv.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import { type TextureDecoderParams, textureDecoder } from './texture-decoder.ts';

/** Sizes of a texture tokenizer. */
export interface TextureTokenizerOptions {
  /** D: length of the texture vectors. Default 32. */
  readonly dimension?: number;
  /** Channels of the structure; 0 gives the vanilla tokenizer, whose texture is everything. Default 16. */
  readonly structure?: number;
  /** Channels of encoder and base at 1/4, 1/8 and 1/16. Default [48, 96, 128]. */
  readonly channels?: readonly [number, number, number];
  /** Channels of the decoder at 1/8, 1/4, 1/2 and 1. Default [96, 48, 32, 16]. */
  readonly decoderChannels?: readonly [number, number, number, number];
  /** Residual blocks of each stage. Default 2. */
  readonly blocks?: number;
  /**
   * Extension, not in the paper: the decoder also sees the image at 1/4, through this many residual blocks, and makes
   * what is missing from its bilinear enlargement; 0 leaves it out. Default 0.
   */
  readonly skip?: number;
}

/** Parameters; `low`, `base`, `smallEncoder` and `smallDecoder` are absent in the vanilla tokenizer. */
export interface TextureTokenizerParams {
  readonly trunk: SequentialParams;
  readonly texture: SequentialParams;
  readonly decoder: TextureDecoderParams;
  readonly low?: SequentialParams;
  readonly base?: SequentialParams;
  readonly smallEncoder?: SequentialParams;
  readonly smallDecoder?: SequentialParams;
}

/** What an image is split into. */
export interface SplitImage {
  /** z, before the quantizer, f32 `[N, H/8, W/8, D]`. */
  readonly texture: Tensor;
  /** f32 `[N, H/16, W/16, structure]`; absent in the vanilla tokenizer. */
  readonly structure?: Tensor;
  /** S, f32 `[N, H/8, W/8, D]`; absent in the vanilla tokenizer. */
  readonly base?: Tensor;
}

/** The small autoencoder's view of an image. */
export interface ReducedImage {
  /** The image reduced by areas, f32 `[N, H/8, W/8, 3]`. */
  readonly image: Tensor;
  /** What the structure must equal, f32 `[N, H/16, W/16, structure]`. */
  readonly code: Tensor;
  /** The small decoder's image. */
  readonly restored: Tensor;
}

/** A tokenizer without its quantizer. Height and width of images must be multiples of 16. */
export interface TextureTokenizer {
  readonly options: Required<TextureTokenizerOptions>;
  /** How many positions around its own the decoder looks at, at most, to make 8×8 pixels. */
  readonly reach: number;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): TextureTokenizerParams;
  /** @param x  f32 `[N, H, W, 3]` in [−1, 1]. */
  encode(params: TextureTokenizerParams, x: Tensor): SplitImage;
  /** S from a structure, also a predicted one. Not for the vanilla tokenizer. */
  base(params: TextureTokenizerParams, structure: Tensor): Tensor;
  /**
   * @param zQ  Quantized texture, f32 `[N, h, w, D]`.
   * @param base  S, where there is one.
   * @param quarter  The image at 1/4, f32 `[N, 2·h, 2·w, 3]`, where the option `skip` is not 0.
   * @returns f32 `[N, 8·h, 8·w, 3]`, about [−1, 1] (not clipped).
   */
  decode(params: TextureTokenizerParams, zQ: Tensor, base?: Tensor, quarter?: Tensor): Tensor;
  /** What the structure is aligned to. Not for the vanilla tokenizer. */
  reduce(params: TextureTokenizerParams, x: Tensor): ReducedImage;
}

/** Reduction of the image whose code the structure equals. */
const reduction = 8;
const smallChannels = 32;

type Parts = Readonly<Record<keyof Omit<TextureTokenizerParams, 'decoder'>, Layer<SequentialParams>>>;

function partsOf({ dimension, structure, channels, blocks }: Required<TextureTokenizerOptions>): Parts {
  const [a, b, c] = channels;
  return {
    trunk: sequential([
      patchify(4),
      conv({ inChannels: 48, outChannels: a }),
      resBlocks(blocks, a),
      conv({ inChannels: a, outChannels: b, stride: 2 }),
      resBlocks(blocks, b),
    ]),
    low: sequential([
      conv({ inChannels: b, outChannels: c, stride: 2 }),
      resBlocks(blocks, c),
      lambda(silu),
      conv({ inChannels: c, outChannels: structure, size: 1 }),
    ]),
    base: sequential([
      conv({ inChannels: structure, outChannels: b }),
      resBlocks(blocks, b),
      upsample(b, dimension),
      resBlocks(1, dimension),
    ]),
    texture: sequential([
      conv({ inChannels: structure > 0 ? b + dimension : b, outChannels: b }),
      resBlocks(1, b),
      lambda(silu),
      conv({ inChannels: b, outChannels: dimension, size: 1 }),
    ]),
    smallEncoder: sequential([
      conv({ inChannels: 3, outChannels: smallChannels }),
      resBlocks(1, smallChannels),
      conv({ inChannels: smallChannels, outChannels: smallChannels, stride: 2 }),
      resBlocks(1, smallChannels),
      lambda(silu),
      conv({ inChannels: smallChannels, outChannels: structure, size: 1 }),
    ]),
    smallDecoder: sequential([
      conv({ inChannels: structure, outChannels: smallChannels }),
      resBlocks(1, smallChannels),
      upsample(smallChannels, smallChannels),
      lambda(silu),
      conv({ inChannels: smallChannels, outChannels: 3 }),
    ]),
  };
}

/**
 * Makes a texture tokenizer: 2.7 M parameters at the default sizes, of which an enlargement needs base and decoder.
 *
 * @example
 * const model = textureTokenizer();
 * const { texture, base } = model.encode(params, x); // x: [1, 128, 128, 3] → [1, 16, 16, 32] each
 * const xHat = model.decode(params, quantizer.quantize(codes, texture).quantized, base);
 */
export function textureTokenizer(options: TextureTokenizerOptions = {}): TextureTokenizer {
  const { dimension = 32, structure = 16, channels = [48, 96, 128], blocks = 2, skip = 0 } = options;
  const { decoderChannels = [96, 48, 32, 16] } = options;
  const sizes = { dimension, structure, channels, blocks, skip, decoderChannels };
  const parts = partsOf(sizes);
  const decoder = textureDecoder(sizes);
  const names: readonly (keyof Parts)[] =
    structure > 0 ? ['trunk', 'low', 'base', 'texture', 'smallEncoder', 'smallDecoder'] : ['trunk', 'texture'];
  const base = (params: TextureTokenizerParams, coarse: Tensor): Tensor => parts.base.apply(params.base!, coarse);
  return {
    options: sizes,
    // In positions: two convolutions a block; enlarging halves what a pixel is worth.
    reach: Math.max(2 + 3 * blocks, skip + 1) + 1,
    init: (backend, seed) => {
      const made = names.map((name, i) => [name, parts[name].init(backend, random(seed).split(i))]);
      return { ...Object.fromEntries(made), decoder: decoder.init(backend, random(seed).split(names.length)) };
    },
    encode: (params, x) =>
      tidy((): SplitImage => {
        const detail = parts.trunk.apply(params.trunk, x);
        if (structure === 0) return { texture: parts.texture.apply(params.texture, detail) };
        const coarse = parts.low.apply(params.low!, detail);
        const s = base(params, coarse);
        return { texture: parts.texture.apply(params.texture, concat([s, detail], -1)), structure: coarse, base: s };
      }),
    base,
    decode: (params, zQ, s, quarter) =>
      tidy(() => decoder.apply(params.decoder, s === undefined ? zQ : add(s, zQ), quarter)),
    reduce: (params, x) =>
      tidy(() => {
        const image = avgPool(x, { size: reduction });
        const code = parts.smallEncoder.apply(params.smallEncoder!, image);
        return { image, code, restored: parts.smallDecoder.apply(params.smallDecoder!, code) };
      }),
  };
}
