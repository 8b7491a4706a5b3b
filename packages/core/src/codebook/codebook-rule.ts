/**
 * Codebook rules: how the codes follow the vectors that they are chosen for. By gradient (`learned`), as a running
 * mean (`ema`), or not at all (`fixed`).
 *
 * @see van den Oord et al. 2017, arXiv:1711.00937, eq. 3 and appendix A.1
 */
import { ValueError } from '../errors.ts';
import { add, div, mul, sub } from '../ops/binary/binary.ts';
import { ones } from '../ops/create/create.ts';
import { expandDims } from '../ops/layout/layout.ts';
import type { CodeStatistics } from '../ops/quantize/nearest-code.ts';
import { mean, sum } from '../ops/reduce/reduce.ts';
import { emaUpdate } from '../optim/gradients.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';

/** What a running mean remembers. */
export interface CodebookAverage {
  /** Running number of vectors per batch and code, f32 `[K]`. */
  readonly counts: Tensor;
  /** Running sum of those vectors, f32 `[K, D]`. */
  readonly sums: Tensor;
}

/** How codes follow their vectors; made by `learned`, `ema` or `fixed`. */
export interface CodebookRule {
  /** For people and error messages. */
  readonly name: 'learned' | 'ema' | 'fixed';
  /** Weight of the codebook loss mean‖sg(z) − q‖²; 0 where gradients do not train the codes. */
  readonly lossWeight: number;
  /** What the rule remembers about a fresh codebook; undefined for nothing. */
  readonly start: (codebook: Tensor) => CodebookAverage | undefined;
  /** Codes and memory after a batch. */
  readonly follow: (
    codebook: Tensor,
    average: CodebookAverage | undefined,
    batch: CodeStatistics,
  ) => { codebook: Tensor; average: CodebookAverage | undefined };
}

/** Options of `learned`. */
export interface LearnedOptions {
  /** Weight of the codebook loss, > 0. Default 1. */
  readonly weight?: number;
}

/** Codes are parameters like any other: trained by the gradient of weight·mean‖sg(z) − q‖². */
export function learned({ weight = 1 }: LearnedOptions = {}): CodebookRule {
  if (!(weight > 0)) throw outOfRange('learned: weight', '> 0', weight);
  return { name: 'learned', lossWeight: weight, start: () => undefined, follow: unchanged };
}

/** Codes stay as they are. */
export function fixed(): CodebookRule {
  return { name: 'fixed', lossWeight: 0, start: () => undefined, follow: unchanged };
}

const unchanged: CodebookRule['follow'] = (codebook) => ({ codebook: alias(codebook), average: undefined });

/** Options of `ema`. */
export interface EmaOptions {
  /** γ in [0, 1): share of the past. Default 0.99. */
  readonly decay?: number;
  /** ε of the Laplace smoothing of counts, > 0. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Each code is the running mean of the vectors that chose it:
 * N ← γN + (1 − γ)n, S ← γS + (1 − γ)s, code = S / Ñ, where Ñ = (N + ε)/(ΣN + Kε)·ΣN is N smoothed.
 *
 * A fresh code counts as the mean of one vector.
 */
export function ema({ decay = 0.99, epsilon = 1e-5 }: EmaOptions = {}): CodebookRule {
  if (!(decay >= 0 && decay < 1)) throw outOfRange('ema: decay', 'in [0, 1)', decay);
  if (!(epsilon > 0)) throw outOfRange('ema: epsilon', '> 0', epsilon);
  return {
    name: 'ema',
    lossWeight: 0,
    start: (codebook) => ({ counts: ones(codebook.backend, [codebook.shape[0]!]), sums: alias(codebook) }),
    follow: (_, previous, { counts: n, sums: s }) => {
      const { counts, sums } = emaUpdate(previous!, { counts: n, sums: s }, decay);
      const total = sum(counts);
      const smoothed = mul(div(add(counts, epsilon), add(total, counts.size * epsilon)), total);
      return { codebook: div(sums, expandDims(smoothed, -1)), average: { counts, sums } };
    },
  };
}

/** @internal Memory that fits codes which were pulled elsewhere by shares α: their counts go to the mean by as much. */
export function rebase(
  average: CodebookAverage | undefined,
  codebook: Tensor,
  pull: Tensor,
): CodebookAverage | undefined {
  if (average === undefined) return undefined;
  const counts = add(mul(sub(1, pull), average.counts), mul(pull, mean(average.counts)));
  return { counts, sums: mul(codebook, expandDims(counts, -1)) };
}

/** @internal The error for an option outside its range. */
export function outOfRange(what: string, expected: string, actual: unknown): ValueError {
  return new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${what}: expected a value ${expected}, got ${actual}`,
    fix: 'See the range in the docstring of the option',
  });
}
