/**
 * The anchors of CVQ ("online clustered codebook"), which LooC inherits: every code is pulled towards a vector of the
 * batch, by a share that falls off exponentially with how often the code is used.
 *
 *   N ← γN + (1 − γ)·n/T        α = exp(−10·K·N/(1 − γ) − 10⁻³)        C ← (1 − α)C + α·anchor
 *
 * @see Zheng & Vedaldi 2023, arXiv:2307.15139, section 3.3
 */
import { add, maximum, minimum, mod, mul, sub } from '../ops/binary.ts';
import { cast, greater, less, where } from '../ops/compare.ts';
import { range, zeros } from '../ops/create.ts';
import { gather } from '../ops/gather.ts';
import { argmax } from '../ops/reduce.ts';
import { expandDims } from '../ops/reshape.ts';
import { slice } from '../ops/slice.ts';
import { exp, log } from '../ops/unary.ts';
import { randomBits } from '../random/random-bits.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { assign, similarity } from './assignment.ts';
import { outOfRange } from './codebook-rule.ts';
import { gumbelBits, requireKey, splitKey } from './keys.ts';
import { type RevivalInput, type RevivalRule, usageAfter } from './revival.ts';
import { countedRows, firstPlaces, sampleRows } from './sample-rows.ts';

/** Options of `cvqAnchors`. */
export interface CvqAnchorsOptions {
  /**
   * Which vector a code is pulled to. `closest`: the one nearest to it. `random`: one from a pool of K vectors that is
   * refilled from each batch; codes whose place in the pool is still empty wait. `probrandom`: one drawn with probability softmax(similarity). Default `closest`.
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
      ...(kind === 'random' ? { pool: zeros(backend, [codes, dimension]), filled: zeros(backend, []) } : {}),
    }),
    revive: (input) => {
      const usage = usageAfter(input.state.usage, input.counts, decay);
      const pull = cvqPull(usage, decay);
      if (kind === 'closest') return { pull, anchors: closest(input), state: { usage } };
      if (kind === 'probrandom') return { pull, anchors: drawn(input, candidates), state: { usage } };
      const { pool, filled } = refilled(input);
      const isFilled = cast(less(cast(range(pool.backend, pull.size), 'f32'), filled), 'f32');
      return { pull: mul(pull, isFilled), anchors: pool, state: { usage, pool, filled } };
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
function closest({ codebook, vectors, weights, metric }: RevivalInput): Tensor {
  const rows = countedRows(vectors, weights);
  return gather(rows, assign(codebook, rows, metric));
}

/** One vector per code with probability weight·softmax(similarity): the largest of similarity + Gumbel noise. */
function drawn({ codebook, vectors, weights, metric, key }: RevivalInput, candidates: number): Tensor {
  const [keyOfRows, keyOfNoise] = splitKey(requireKey("cvqAnchors 'probrandom'", key), 2) as [Tensor, Tensor];
  const isSampled = vectors.shape[0]! > candidates;
  const sample = isSampled ? sampleRows(vectors, candidates, keyOfRows, weights) : undefined;
  const rows = sample?.rows ?? vectors;
  const scores = similarity(codebook, rows, metric);
  // Rows that repeat others, or have no weight, are out of the draw.
  const counts = sample ? cast(firstPlaces(candidates, sample.distinct), 'f32') : weights;
  const odds = counts ? add(scores, log(maximum(counts, 1e-37))) : scores;
  const open = counts ? where(greater(counts, 0), odds, -3e38) : odds;
  return gather(rows, argmax(add(open, gumbelBits(keyOfNoise, scores.shape)), 1));
}

/**
 * The pool after this batch. While it is being filled, different vectors of the batch go to the next empty places; a full
 * one gets them at places from a random one on.
 */
function refilled({ counts, vectors, weights, state, key }: RevivalInput): { pool: Tensor; filled: Tensor } {
  const [keyOfRows, keyOfPlaces] = splitKey(requireKey("cvqAnchors 'random'", key), 2) as [Tensor, Tensor];
  const codes = counts.size;
  const { rows, distinct } = sampleRows(vectors, codes, keyOfRows, weights);
  const filled = cast(state.filled!, 'u32');
  const start = where(less(filled, codes), filled, mod(slice(randomBits(keyOfPlaces, [2]), [0], { size: [1] }), codes));
  // Place k gets row (k − start) mod K, if the batch has so many.
  const row = mod(sub(add(range(vectors.backend, codes), codes), start), codes);
  const pool = where(expandDims(less(row, distinct), 1), gather(rows, row), state.pool!);
  return { pool, filled: cast(minimum(add(filled, distinct), codes), 'f32') };
}
