/**
 * Revival: what becomes of codes that nothing chooses. A rule looks at how often codes are used and pulls each of them
 * towards a vector of the batch, by a share between 0 (leave it) and 1 (replace it).
 *
 * `deadCodes` replaces codes that fell out of use; `cvqAnchors`, beside this file, pulls all of them a little.
 */

import type { Backend } from '../backend/backend.ts';
import { div, maximum } from '../ops/binary.ts';
import { cast, less, where } from '../ops/compare.ts';
import { fill } from '../ops/create.ts';
import { gather } from '../ops/gather.ts';
import { sum } from '../ops/reduce.ts';
import { emaUpdate } from '../optim/gradients.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Metric } from './assignment.ts';
import { outOfRange } from './codebook-rule.ts';
import { requireKey } from './keys.ts';
import { rankOf, sampleRows } from './sample-rows.ts';

/** What a revival rule remembers. */
export interface RevivalState {
  /** Running share of the weight of all vectors that chose each code, f32 `[K]`. */
  readonly usage: Tensor;
  /** Vectors of earlier batches, f32 `[K, D]`; only where the rule keeps some. */
  readonly pool?: Tensor;
  /** How many places of the pool are filled, f32 scalar; only beside a pool. */
  readonly filled?: Tensor;
}

/** What a revival rule sees. */
export interface RevivalInput {
  /** f32 `[K, D]`. */
  readonly codebook: Tensor;
  /** Weight of the vectors of the batch that chose each code, f32 `[K]`. */
  readonly counts: Tensor;
  /** The batch, f32 `[N, D]`. */
  readonly vectors: Tensor;
  /** Weight of each vector, f32 `[N]`; those of weight 0 leave no trace. All 1 unless given. */
  readonly weights?: Tensor;
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
 * Replaces codes that are hardly used by random vectors of the batch, no two by the same one, and counts them as averagely
 * used from then on, so that they have time to find vectors of their own. `update` needs `options.key`.
 *
 * @see Razavi et al. 2019, arXiv:1906.00446; Dhariwal et al. 2020, arXiv:2005.00341, section 3.1 (random restarts)
 */
export function deadCodes({ below = 0.02, decay = 0.99 }: DeadCodesOptions = {}): RevivalRule {
  if (!(below > 0 && below < 1)) throw outOfRange('deadCodes: below', 'in (0, 1)', below);
  if (!(decay >= 0 && decay < 1)) throw outOfRange('deadCodes: decay', 'in [0, 1)', decay);
  return {
    name: 'deadCodes',
    start: (backend, codes) => ({ usage: fill(backend, [codes], 1 / codes) }),
    revive: ({ counts, vectors, weights, state, key }) => {
      const codes = counts.size;
      const usage = usageAfter(state.usage, counts, decay);
      const { rows, distinct } = sampleRows(vectors, codes, requireKey('deadCodes', key), weights);
      // Dead codes take the rows in turn; with fewer different rows than dead codes, the rest wait for the next batch.
      const rank = rankOf(less(usage, below / codes));
      const isRevived = less(where(less(usage, below / codes), rank, codes), distinct);
      return {
        pull: cast(isRevived, 'f32'),
        anchors: gather(rows, rank),
        state: { usage: where(isRevived, 1 / codes, usage) },
      };
    },
  };
}

/** @internal Running use after a batch, as shares of its weight. */
export function usageAfter(usage: Tensor, counts: Tensor, decay: number): Tensor {
  return emaUpdate(usage, div(counts, maximum(sum(counts), 1e-12)), decay);
}
