/**
 * The small transformer that makes the global table: encoder layers over the rows of a learned seed table, so that a
 * gradient for one code moves them all.
 *
 *   seed [n,D] → (self-attention → add, norm → feed-forward, ReLU → add, norm) × layers → table [n,D] (· scale)
 *
 * Post-norm, no positions, no norm at the end, as in the paper's code.
 *
 * @see Boodaghi Malidarreh et al. 2025, arXiv:2503.10832; Vaswani et al. 2017, arXiv:1706.03762
 */
import {
  add,
  layerNorm,
  linear,
  matmul,
  mergeHeads,
  mul,
  relu,
  reshape,
  slice,
  softmax,
  splitHeads,
  type Tensor,
} from '@vqkit/core';
import { splitKey } from '@vqkit/core/codebook';
import { dropOut } from './drop-out.ts';

/** Weight `[I, O]` and bias `[O]`. */
export interface Affine {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Scale and shift of a layer norm, `[D]`. */
export interface Norm {
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** Parameters of one encoder layer of width D. */
export interface TableLayer {
  /** To queries, keys and values, `[D, 3D]`. */
  readonly attentionIn: Affine;
  readonly attentionOut: Affine;
  readonly norm1: Norm;
  readonly expand: Affine;
  readonly contract: Affine;
  readonly norm2: Norm;
}

/** Parameters of the table. */
export interface TableTransformerParams {
  /** f32 `[n, D]`. */
  readonly seed: Tensor;
  readonly layers: readonly TableLayer[];
  /** A factor for the whole table, f32 `[1]`; only where the options start one. */
  readonly scale?: Tensor;
}

/** What a forward pass needs besides parameters. */
export interface TableForward {
  readonly heads: number;
  /** Share of values to drop, in [0, 1). */
  readonly dropout: number;
  /** u32 `[2]`; nothing is dropped without it. */
  readonly key: Tensor | undefined;
}

/**
 * The table that the transformer makes of its seed.
 *
 * @returns f32 `[n, D]`.
 */
export function makeTable({ seed, layers, scale }: TableTransformerParams, forward: TableForward): Tensor {
  const keys = splitKey(forward.key, layers.length);
  const table = layers.reduce((x, layer, i) => encoderLayer(layer, x, { ...forward, key: keys[i] }), seed);
  return scale ? mul(table, scale) : table;
}

function encoderLayer(layer: TableLayer, x: Tensor, { heads, dropout, key }: TableForward): Tensor {
  const [inAttention, afterAttention, within, afterwards] = splitKey(key, 4);
  const attended = affine(
    layer.attentionOut,
    selfAttention(affine(layer.attentionIn, x), { heads, dropout, key: inAttention }),
  );
  const h = norm(layer.norm1, add(x, dropOut(attended, dropout, afterAttention)));
  const hidden = dropOut(relu(affine(layer.expand, h)), dropout, within);
  return norm(layer.norm2, add(h, dropOut(affine(layer.contract, hidden), dropout, afterwards)));
}

/** @param x  Queries, keys and values side by side, `[n, 3D]`. */
function selfAttention(x: Tensor, { heads, dropout, key }: TableForward): Tensor {
  const [n, width] = [x.shape[0]!, x.shape[1]! / 3];
  const [q, k, v] = [0, 1, 2].map((i) =>
    splitHeads(reshape(slice(x, [0, i * width], { size: [n, width] }), [1, n, width]), heads),
  ) as [Tensor, Tensor, Tensor];
  const scores = mul(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(width / heads));
  const mixed = matmul(dropOut(softmax(scores), dropout, key), v);
  return reshape(mergeHeads(mixed, heads), [n, width]);
}

const affine = ({ weight, bias }: Affine, x: Tensor): Tensor => linear(x, weight, bias);
const norm = ({ scale, shift }: Norm, x: Tensor): Tensor => layerNorm(x, scale, shift);
