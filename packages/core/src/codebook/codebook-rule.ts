/**
 * Codebook rules: how the codes follow the vectors that they are chosen for. By gradient (`learned`), as a running
 * mean (`ema`), or not at all (`fixed`).
 *
 * @see van den Oord et al. 2017, arXiv:1711.00937, eq. 3 and appendix A.1
 */
import { ValueError } from '../errors.ts';
import { add, div, maximum, mul, sub } from '../ops/binary.ts';
import { greater, where } from '../ops/compare.ts';
import { ones } from '../ops/create.ts';
import type { CodeStatistics } from '../ops/nearest-code.ts';
import { mean, sum } from '../ops/reduce.ts';
import { expandDims } from '../ops/reshape.ts';
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
  /** Weight of the codebook loss mean‖sg(z) − q‖²; 0 for none. */
  readonly lossWeight: number;
  /** What the rule remembers about a fresh codebook; undefined for nothing. */
  readonly start: (codebook: Tensor) => CodebookAverage | undefined;
  /** Codes and memory after a batch. */
  readonly follow: (
    codebook: Tensor,
    average: CodebookAverage | undefined,
    batch: CodeStatistics,
  ) => { codebook: Tensor; average: CodebookAverage | undefined };
  /** Memory that fits codes which revival pulled elsewhere by shares α, f32 `[K]`; those with α = 0 keep theirs. */
  readonly moved: (average: CodebookAverage | undefined, codebook: Tensor, pull: Tensor) => CodebookAverage | undefined;
}

/** Options of `learned`. */
export interface LearnedOptions {
  /** Weight of the codebook loss, ≥ 0. Default 1; 0 suits the gradient estimator `diveq`, which trains codes by itself. */
  readonly weight?: number;
}

/** Codes are parameters like any other: trained by the gradient of weight·mean‖sg(z) − q‖². */
export function learned({ weight = 1 }: LearnedOptions = {}): CodebookRule {
  checkAmount('learned: weight', weight);
  return { name: 'learned', lossWeight: weight, ...still };
}

/** Codes stay as they are. */
export function fixed(): CodebookRule {
  return { name: 'fixed', lossWeight: 0, ...still };
}

/** What rules without memory do. */
const still: Pick<CodebookRule, 'start' | 'follow' | 'moved'> = {
  start: () => undefined,
  follow: (codebook) => ({ codebook: alias(codebook), average: undefined }),
  moved: () => undefined,
};

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
 * A fresh code counts as the mean of one vector. A code that no vector chose stays where it is: S / Ñ would drift to 0.
 */
export function ema({ decay = 0.99, epsilon = 1e-5 }: EmaOptions = {}): CodebookRule {
  if (!(decay >= 0 && decay < 1)) throw outOfRange('ema: decay', 'in [0, 1)', decay);
  checkAmount('ema: epsilon', epsilon, '> 0');
  const smoothed = (counts: Tensor): Tensor => {
    const total = sum(counts);
    return expandDims(mul(div(add(counts, epsilon), add(total, counts.size * epsilon)), total), -1);
  };
  return {
    name: 'ema',
    lossWeight: 0,
    start: (codebook) => ({ counts: ones(codebook.backend, [codebook.shape[0]!]), sums: alias(codebook) }),
    follow: (codebook, previous, { counts: n, sums: s }) => {
      const average = emaUpdate(previous!, { counts: n, sums: s }, decay);
      const means = div(average.sums, maximum(smoothed(average.counts), 1e-37));
      return { codebook: where(expandDims(greater(n, 0), -1), means, codebook), average };
    },
    moved: (average, codebook, pull) => {
      const { counts: before, sums } = average!;
      const counts = add(mul(sub(1, pull), before), mul(pull, mean(before)));
      // S = code·Ñ, so that S / Ñ is the code again.
      const fitting = mul(codebook, smoothed(counts));
      return { counts, sums: where(expandDims(greater(pull, 0), -1), fitting, sums) };
    },
  };
}

/** @internal The error for an option outside its range. */
export function outOfRange(what: string, expected: string, actual: unknown): ValueError {
  return new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${what}: expected a value ${expected}, got ${actual}`,
    fix: 'See the range in the docstring of the option',
  });
}

/** Refuses what is no finite number ≥ 0, or > 0. @throws ValueError `VALUE_OUT_OF_RANGE` */
export function checkAmount(what: string, value: number, least: '≥ 0' | '> 0' = '≥ 0'): void {
  if (Number.isFinite(value) && (least === '> 0' ? value > 0 : value >= 0)) return;
  throw outOfRange(what, `${least} and finite`, value);
}

/** Refuses a name that is none of those that there are; names may come from files. @throws ValueError `VALUE_OUT_OF_RANGE` */
export function checkName(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw outOfRange(what, `that is one of ${names.join(', ')}`, `'${name}'`);
}
