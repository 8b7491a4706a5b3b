/**
 * The anchors of CVQ ("online clustered codebook"), which LooC inherits: every code is pulled towards a vector of the
 * batch, by a share that falls off exponentially with how often the code is used.
 *
 *   N ← γN + (1 − γ)·n/T        α = exp(−10·K·N/(1 − γ) − 10⁻³)        C ← (1 − α)C + α·anchor
 *
 * @see Zheng & Vedaldi 2023, arXiv:2307.15139, section 3.3
 */
import type { Shape } from '../dtype.ts';
import { add, div, maximum, mul, sub } from '../ops/binary/binary.ts';
import { cast, greater, less, where } from '../ops/compare/compare.ts';
import { zeros } from '../ops/create/create.ts';
import { gather } from '../ops/index/index-ops.ts';
import { expandDims, slice } from '../ops/layout/layout.ts';
import { matmul } from '../ops/matmul/matmul.ts';
import { argmax, sum } from '../ops/reduce/reduce.ts';
import { exp, log, neg, square } from '../ops/unary/unary.ts';
import { emaUpdate } from '../optim/gradients.ts';
import { randomBits } from '../random/random-bits.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { assign, comparable } from './assignment.ts';
import { outOfRange } from './codebook-rule.ts';
import { type RevivalInput, type RevivalRule, requireKey, sampleRows } from './revival.ts';

/** Options of `cvqAnchors`. */
export interface CvqAnchorsOptions {
  /**
   * Which vector a code is pulled to. `closest`: the one nearest to it. `random`: one from a pool of K vectors that is
   * refilled from each batch. `probrandom`: one drawn with probability softmax(similarity). Default `closest`.
   */
  readonly kind?: 'closest' | 'random' | 'probrandom';
  /** γ of the running use, in [0, 1). Default 0.99. */
  readonly decay?: number;
  /** `probrandom` draws from at most so many vectors of the batch, ≥ 1; bounds the memory at K times as many. Default 4096. */
  readonly candidates?: number;
}

/**
 * CVQ's rule. `random` and `probrandom` need the `key` option of `update`.
 *
 * With γ = 0.99 an averagely used code has α = e⁻¹⁰ ≈ 4.5·10⁻⁵ after the first batch, and an unused one 0.999. One that
 * falls out of use reaches α ≈ 0.37 after some 690 steps, when 0.99ᵗ = 1/1000.
 */
export function cvqAnchors({ kind = 'closest', decay = 0.99, candidates = 4096 }: CvqAnchorsOptions = {}): RevivalRule {
  if (!(decay >= 0 && decay < 1)) throw outOfRange('cvqAnchors: decay', 'in [0, 1)', decay);
  if (!(Number.isInteger(candidates) && candidates >= 1)) {
    throw outOfRange('cvqAnchors: candidates', 'that is a whole number ≥ 1', candidates);
  }
  return {
    name: 'cvqAnchors',
    start: (backend, codes, dimension) => ({
      usage: zeros(backend, [codes]),
      ...(kind === 'random' ? { pool: zeros(backend, [codes, dimension]) } : {}),
    }),
    revive: (input) => {
      const { counts, vectors, state } = input;
      const usage = emaUpdate(state.usage, div(counts, vectors.shape[0]!), decay);
      const pull = cvqPull(usage, decay);
      if (kind === 'closest') return { pull, anchors: closest(input), state: { usage } };
      if (kind === 'probrandom') return { pull, anchors: drawn(input, candidates), state: { usage } };
      const pool = refilled(input);
      return { pull, anchors: pool, state: { usage, pool } };
    },
  };
}

/**
 * α of every code from its running use.
 *
 * @param usage  N, f32 `[K]`.
 * @returns f32 `[K]` in (0, 1).
 */
export function cvqPull(usage: Tensor, decay: number): Tensor {
  return exp(add(mul(usage, (-10 * usage.size) / (1 - decay)), -1e-3));
}

/** The nearest vector of the batch to each code: assignment with the roles exchanged. */
function closest({ codebook, vectors, metric }: RevivalInput): Tensor {
  return gather(vectors, assign(codebook, vectors, metric));
}

/** One vector per code with probability softmax(similarity): the largest of similarity + Gumbel noise. */
function drawn({ codebook, vectors, metric, key }: RevivalInput, candidates: number): Tensor {
  const words = randomBits(requireKey("cvqAnchors 'probrandom'", key), [4]);
  const [keyOfRows, keyOfNoise] = [0, 2].map((at) => slice(words, [at], { size: [2] })) as [Tensor, Tensor];
  const rows = vectors.shape[0]! > candidates ? sampleRows(vectors, candidates, keyOfRows) : vectors;
  const [a, b] = [comparable(codebook, metric), comparable(rows, metric)];
  const product = matmul(a, b, { transposeB: true });
  // The cosine, or −‖c − v‖² without ‖c‖², which is the same for all vectors that a code chooses from.
  const similarity = metric === 'cosine' ? product : sub(mul(product, 2), sum(square(b), { axes: 1 }));
  return gather(rows, argmax(add(similarity, gumbel(keyOfNoise, similarity)), 1));
}

/** Standard Gumbel noise −log(−log u) of the shape of `like`. */
function gumbel(key: Tensor, like: Tensor): Tensor {
  // The half step keeps u inside (0, 1), so both logarithms are finite.
  const u = add(uniform(key, like.shape), 2 ** -24);
  return neg(log(maximum(neg(log(u)), 1e-30)));
}

/** Values in [0, 1), multiples of 2⁻²³: the upper 23 bits of random words. */
function uniform(key: Tensor, shape: Shape): Tensor {
  return mul(cast(div(randomBits(key, shape), 512), 'f32'), 2 ** -23);
}

/** The pool after this batch: all of it new when the batch is large (or the first), else a random part. */
function refilled({ counts, vectors, state, key }: RevivalInput): Tensor {
  const words = randomBits(requireKey("cvqAnchors 'random'", key), [4]);
  const [keyOfRows, keyOfPlaces] = [0, 2].map((at) => slice(words, [at], { size: [2] })) as [Tensor, Tensor];
  const codes = counts.size;
  const fresh = sampleRows(vectors, codes, keyOfRows);
  const share = Math.min(1, vectors.shape[0]! / codes);
  const isFirst = cast(less(sum(state.usage), 1e-12), 'f32');
  const isReplaced = greater(add(isFirst, share), uniform(keyOfPlaces, [codes]));
  return where(expandDims(isReplaced, 1), fresh, state.pool!);
}
