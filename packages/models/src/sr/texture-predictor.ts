/**
 * The predictor of TVQ & RAP: from a small image to what the tokenizer would have found in the large one.
 *
 *   lr [N,h,w,3] → features (1/2 of it) ─┬→ coarse (1/4): structure → tokenizer's base S
 *                                        └→ fuse (sg(S), features) → logits per slot of the texture's code
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774. Changed: convolutions alone where the paper has window attention,
 *   so that tiles fit; any quantizer, with one choice for each of its slots.
 */
import {
  argmax,
  type Backend,
  concat,
  random,
  silu,
  slice,
  split,
  stack,
  stopGradient,
  type Tensor,
  tidy,
} from '@vqkit/core';
import { resBlocks } from '../layers/blocks.ts';
import { conv } from '../layers/conv.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import type { TextureTokenizer, TextureTokenizerParams } from './texture-tokenizer.ts';

/** Sizes of a predictor. */
export interface TexturePredictorOptions {
  /** Codes per slot: `codebookSizes` of the quantizer. */
  readonly codes: readonly number[];
  /** Channels at 1, 1/2 and 1/4 of the small image. Default [32, 96, 128]. */
  readonly channels?: readonly [number, number, number];
  /** Residual blocks of the features, of the structure, and after fusing. Default [4, 2, 2]. */
  readonly blocks?: readonly [number, number, number];
}

/** Parameters; `coarse` is absent for a vanilla tokenizer. */
export interface TexturePredictorParams {
  readonly features: SequentialParams;
  readonly head: SequentialParams;
  readonly coarse?: SequentialParams;
}

/** What a small image promises of the large one. */
export interface PredictedTexture {
  /** f32 `[N, h/2, w/2, K]` per slot. */
  readonly logits: readonly Tensor[];
  /** f32 `[N, h/4, w/4, structure]`, where the tokenizer has one. */
  readonly structure?: Tensor;
  /** S of it, f32 `[N, h/2, w/2, D]`. */
  readonly base?: Tensor;
}

/** A predictor for one tokenizer. Height and width of small images must be multiples of 4. */
export interface TexturePredictor {
  /** How many pixels of the small image around its own a position looks at, at most. */
  readonly reach: number;
  init(backend: Backend, seed: number): TexturePredictorParams;
  /** @param lr  f32 `[N, h, w, 3]` in [−1, 1]. @param tokenizer  Its `base` makes S; no other parameter is used. */
  apply(params: TexturePredictorParams, tokenizer: TextureTokenizerParams, lr: Tensor): PredictedTexture;
  /** The likeliest indices of what `apply` gives, in little memory: logits are there for a few rows at a time. */
  choose(params: TexturePredictorParams, tokenizer: TextureTokenizerParams, lr: Tensor): ChosenTexture;
}

/** What a small image promises of the large one, when all is decided. */
export interface ChosenTexture {
  /** u32 `[N, h/2, w/2, S]`. */
  readonly indices: Tensor;
  /** As in `PredictedTexture`. */
  readonly base?: Tensor;
}

/** Rows of positions whose logits are there at once when codes are chosen. */
const rowsAtOnce = 16;

/** The likeliest index of each slot, u32 `[N, h, w, S]`. */
export function likeliestIndices(logits: readonly Tensor[]): Tensor {
  return tidy(() =>
    stack(
      logits.map((x) => argmax(x, -1)),
      -1,
    ),
  );
}

/** Makes the predictor for a tokenizer: 2.0 M parameters for 1024 codes at the default sizes. */
export function texturePredictor(model: TextureTokenizer, options: TexturePredictorOptions): TexturePredictor {
  const { codes, channels = [32, 96, 128], blocks = [4, 2, 2] } = options;
  const { structure, dimension } = model.options;
  const [a, b, c] = channels;
  const hasStructure = structure > 0;
  const features = sequential([
    conv({ inChannels: 3, outChannels: a }),
    resBlocks(1, a),
    conv({ inChannels: a, outChannels: b, stride: 2 }),
    resBlocks(blocks[0], b),
  ]);
  const coarse: Layer<SequentialParams> = sequential([
    conv({ inChannels: b, outChannels: c, stride: 2 }),
    resBlocks(blocks[1], c),
    lambda(silu),
    conv({ inChannels: c, outChannels: structure, size: 1 }),
  ]);
  const fused = [
    conv({ inChannels: hasStructure ? b + dimension : b, outChannels: b }),
    resBlocks(blocks[2], b),
    lambda(silu),
  ] as readonly Layer[];
  const scores: Layer = conv({ inChannels: b, outChannels: codes.reduce((sum, k) => sum + k, 0), size: 1 });
  const head = sequential([...fused, scores]);
  const choices = (params: TexturePredictorParams, x: Tensor): Tensor[] =>
    split(scores.apply(params.head[fused.length], x), codes);
  const look = (params: TexturePredictorParams, tokenizer: TextureTokenizerParams, lr: Tensor) => {
    const fuse = (x: Tensor): Tensor => sequential(fused).apply(params.head, x);
    const v = features.apply(params.features, lr);
    if (!hasStructure) return { fused: fuse(v) };
    const structured = coarse.apply(params.coarse!, v);
    const base = model.base(tokenizer, structured);
    return { fused: fuse(concat([stopGradient(base), v], -1)), structure: structured, base };
  };
  // In pixels of the small image: a block has two convolutions, which see a step of 1, 2 or 4 pixels.
  const ofStructure = hasStructure ? 2 + 8 * blocks[1] + 4 + 8 * model.options.blocks + 4 + 4 : 0;
  return {
    reach: 4 + 4 * blocks[0] + ofStructure + 2 + 4 * blocks[2] + 4,
    init: (backend, seed) => ({
      features: features.init(backend, random(seed).split(0)),
      head: head.init(backend, random(seed).split(1)),
      ...(hasStructure && { coarse: coarse.init(backend, random(seed).split(2)) }),
    }),
    apply: (params, tokenizer, lr) =>
      tidy((): PredictedTexture => {
        const { fused: x, ...seen } = look(params, tokenizer, lr);
        return { logits: choices(params, x), ...seen };
      }),
    choose: (params, tokenizer, lr) =>
      tidy((): ChosenTexture => {
        const { fused: x, base } = look(params, tokenizer, lr);
        const [n, h, ...inner] = x.shape as [number, number, number, number];
        const rows: Tensor[] = [];
        for (let at = 0; at < h; at += rowsAtOnce) {
          const band = slice(x, [0, at], { size: [n, Math.min(rowsAtOnce, h - at), ...inner] });
          rows.push(likeliestIndices(choices(params, band)));
        }
        return { indices: concat(rows, 1), ...(base && { base }) };
      }),
  };
}
