/**
 * Revival: what becomes of codes that nothing chooses. A rule looks at how often codes are used and pulls each of them
 * towards a vector of the batch, by a share between 0 (leave it) and 1 (replace it).
 *
 * `deadCodes` replaces codes that fell out of use; `cvqAnchors`, beside this file, pulls all of them a little.
 */

import type { Backend } from '../backend/backend.ts';
import { ValueError } from '../errors.ts';
import { add, div, mod, mul } from '../ops/binary/binary.ts';
import { cast, less, where } from '../ops/compare/compare.ts';
import { fill, range } from '../ops/create/create.ts';
import { gather } from '../ops/index/index-ops.ts';
import { slice } from '../ops/layout/slice.ts';
import { emaUpdate } from '../optim/gradients.ts';
import { randomBits } from '../random/random-bits.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Metric } from './assignment.ts';
import { outOfRange } from './codebook-rule.ts';

/** What a revival rule remembers. */
export interface RevivalState {
  /** Running share of vectors that chose each code, f32 `[K]`. */
  readonly usage: Tensor;
  /** Vectors of earlier batches, f32 `[K, D]`; only where the rule keeps some. */
  readonly pool?: Tensor;
}

/** What a revival rule sees. */
export interface RevivalInput {
  /** f32 `[K, D]`. */
  readonly codebook: Tensor;
  /** How many vectors of the batch chose each code, f32 `[K]`. */
  readonly counts: Tensor;
  /** The batch, f32 `[N, D]`. */
  readonly vectors: Tensor;
  readonly state: RevivalState;
  readonly metric: Metric;
  /** u32 `[2]`. */
  readonly key: Tensor | undefined;
}

/** Which codes move where. */
export interface RevivalResult {
  /** α: share by which each code goes to its anchor, f32 `[K]` in [0, 1]. */
  readonly pull: Tensor;
  /** f32 `[K, D]`. */
  readonly anchors: Tensor;
  readonly state: RevivalState;
}

/** A way to revive codes; made by `deadCodes` or `cvqAnchors`. */
export interface RevivalRule {
  /** For people and error messages. */
  readonly name: string;
  readonly start: (backend: Backend, codes: number, dimension: number) => RevivalState;
  readonly revive: (input: RevivalInput) => RevivalResult;
}

/** Options of `deadCodes`. */
export interface DeadCodesOptions {
  /** A code is dead when it is used less than this share of the mean use, in (0, 1). Default 0.02. */
  readonly below?: number;
  /** γ of the running use, in [0, 1). Default 0.99. */
  readonly decay?: number;
}

/**
 * Replaces codes that are hardly used by random vectors of the batch, and counts them as averagely used from then on,
 * so that they have time to find vectors of their own. `update` needs `options.key`.
 *
 * @see Razavi et al. 2019, arXiv:1906.00446; Dhariwal et al. 2020, arXiv:2005.00341, section 3.1 (random restarts)
 */
export function deadCodes({ below = 0.02, decay = 0.99 }: DeadCodesOptions = {}): RevivalRule {
  if (!(below > 0 && below < 1)) throw outOfRange('deadCodes: below', 'in (0, 1)', below);
  if (!(decay >= 0 && decay < 1)) throw outOfRange('deadCodes: decay', 'in [0, 1)', decay);
  return {
    name: 'deadCodes',
    start: (backend, codes) => ({ usage: fill(backend, [codes], 1 / codes) }),
    revive: ({ counts, vectors, state, key }) => {
      const codes = counts.size;
      const usage = emaUpdate(state.usage, div(counts, vectors.shape[0]!), decay);
      const isDead = less(usage, below / codes);
      return {
        pull: cast(isDead, 'f32'),
        anchors: sampleRows(vectors, codes, requireKey('deadCodes', key)),
        state: { usage: where(isDead, 1 / codes, usage) },
      };
    },
  };
}

/**
 * Random rows, all different when there are enough: one from each of `count` stretches of the list, which starts at a
 * random place.
 *
 * @param vectors  `[N, D]`, N ≥ 1.
 * @param key  u32 `[2]`.
 * @returns `[count, D]`.
 */
export function sampleRows(vectors: Tensor, count: number, key: Tensor): Tensor {
  const rows = vectors.shape[0]!;
  const stretch = Math.max(1, Math.floor(rows / count));
  const bits = randomBits(key, [count + 1]);
  const first = slice(bits, [count], { size: [1] });
  const within = mod(slice(bits, [0], { size: [count] }), stretch);
  const offsets = add(mul(range(vectors.backend, count), stretch), within);
  return gather(vectors, mod(add(mod(first, rows), offsets), rows));
}

/** @internal The key, or an error that says where it comes from. */
export function requireKey(name: string, key: Tensor | undefined): Tensor {
  if (key !== undefined) return key;
  throw new ValueError({
    code: 'KEY_MISSING',
    message: `${name}: expected random words to choose vectors with, got no key`,
    fix: 'Pass update(params, statistics, { key }) with a u32 [2] tensor that is new in each step, e.g. tensor(backend, random(seed).bits(2))',
  });
}
