/** A pre-norm transformer block over a grid: attention among all positions, then a network of two layers for each. */
import { attention, gelu, mergeHeads, reshape, split, splitHeads, type Tensor, tidy } from '@vqkit/core';
import { type DenseParams, dense, layerNormLayer } from '../layers/dense.ts';
import { type Layer, lambda, residual, type SequentialParams, sequential } from '../layers/layer.ts';
import { rotary } from './rotary.ts';

/** Sizes of a block. */
export interface TransformerBlockOptions {
  /** Numbers per position. */
  readonly width: number;
  /** Divides the width into parts of a multiple of 4 numbers. */
  readonly heads: number;
}

/** Parameters of the attention: of queries, keys and values together, and of what is made of them. */
export interface GridAttentionParams {
  readonly project: DenseParams;
  readonly out: DenseParams;
}

/** The hidden layer is so many times as wide. */
const expansion = 4;

/**
 * Attention with rotary places; the grid is that of the input.
 *
 * @returns A layer from f32 `[N, h, w, width]` to the same.
 */
export function gridAttention({ width, heads }: TransformerBlockOptions): Layer<GridAttentionParams> {
  const project = dense(width, 3 * width);
  const out = dense(width, width, 0);
  return {
    init: (backend, random) => ({
      project: project.init(backend, random.split(0)),
      out: out.init(backend, random.split(1)),
    }),
    apply: (params, x) =>
      tidy(() => {
        const [n, h, w] = x.shape as [number, number, number, number];
        const all = project.apply(params.project, reshape(x, [n, h * w, width]));
        const [q, k, v] = split(all, [width, width, width]).map((part) => splitHeads(part, heads)) as Tensor3;
        const seen = attention(rotary(q, h, w), rotary(k, h, w), v);
        return reshape(out.apply(params.out, mergeHeads(seen, heads)), [n, h, w, width]);
      }),
  };
}

type Tensor3 = [Tensor, Tensor, Tensor];

/** x + attention(norm(x)), then x + network(norm(x)). Both branches start as nothing. */
export function transformerBlock(options: TransformerBlockOptions): Layer<SequentialParams> {
  const { width } = options;
  return sequential([
    residual(sequential([layerNormLayer(width), gridAttention(options)])),
    residual(
      sequential([
        layerNormLayer(width),
        dense(width, expansion * width),
        lambda(gelu),
        dense(expansion * width, width, 0),
      ]),
    ),
  ]);
}
