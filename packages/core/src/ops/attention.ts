/** Scaled dot-product attention. */
import type { CompositeKernels } from '../backend/composites.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { softmax } from './activation.ts';
import { add, mul } from './binary.ts';
import { checkDTypes, checkRank } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { reshape } from './reshape.ts';

const attentionOp = defineOp<CompositeKernels['attention']>({
  name: 'attention',
  infer: (inputs) => {
    checkDTypes('attention', inputs, ['f32']);
    for (const x of inputs) checkRank('attention', 'queries, keys and values [B, T, D]', x, 3);
    const [q, k, v, bias] = inputs.map(({ shape }) => shape as [number, number, number]);
    const isValid =
      q![0] === k![0] &&
      q![0] === v![0] &&
      q![2] === k![2] &&
      k![1] === v![1] &&
      (!bias || ((bias[0] === 1 || bias[0] === q![0]) && bias[1] === q![1] && bias[2] === k![1]));
    if (!isValid) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `attention: expected q [B, Tq, D], k [B, Tk, D], v [B, Tk, E], bias [1 or B, Tq, Tk], got ${inputs.map(({ shape }) => `[${shape}]`).join(', ')}`,
        fix: 'Fold heads into the batch, e.g. with splitHeads',
      });
    }
    return [{ shape: [q![0], q![1], v![2]], dtype: 'f32' }];
  },
  // No gradient of its own: the parts are cheap to record and keep the softmax for the backward pass.
  isComposedWhenRecorded: () => true,
  forward: ([q, k, v, bias], { scale }) => {
    const scores = mul(matmul(q!, k!, { transposeB: true }), scale);
    return [matmul(softmax(bias ? add(scores, bias) : scores), v!)];
  },
});

/** Scale and additive bias. */
export interface AttentionOptions {
  /** Default 1/√D. */
  readonly scale?: number;
  /** Added to the scores: f32 `[1 or B, Tq, Tk]`; −∞ (or −1e9) masks. */
  readonly bias?: Tensor;
}

/**
 * softmax(scale·q·kᵀ + bias)·v.
 *
 * @param q  f32 `[B, Tq, D]`; heads are folded into B.
 * @param k  f32 `[B, Tk, D]`.
 * @param v  f32 `[B, Tk, E]`.
 * @returns f32 `[B, Tq, E]`.
 * @see Vaswani et al. 2017, arXiv:1706.03762, eq. 1
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { scale = 1 / Math.sqrt(q.shape.at(-1) ?? 1), bias } = options;
  return attentionOp(bias ? [q, k, v, bias] : [q, k, v], { scale, hasBias: bias !== undefined })[0]!;
}

/** `[B, T, heads·D]` → `[B·heads, T, D]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [b, t, c] = x.shape as [number, number, number];
  return tidy(() => reshape(transpose(reshape(x, [b, t, heads, c / heads]), [0, 2, 1, 3]), [b * heads, t, c / heads]));
}

/** `[B·heads, T, D]` → `[B, T, heads·D]`. */
export function mergeHeads(x: Tensor, heads: number): Tensor {
  const [bh, t, d] = x.shape as [number, number, number];
  return tidy(() =>
    reshape(transpose(reshape(x, [bh / heads, heads, t, d]), [0, 2, 1, 3]), [bh / heads, t, heads * d]),
  );
}
