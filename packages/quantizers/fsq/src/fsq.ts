/**
 * Finite scalar quantization: no codebook. Each channel is squashed into a few levels and rounded; the levels of all
 * channels are the digits of one index, in mixed radix.
 *
 *   z [N,H,W,D] → tanh to (−L/2, L/2) → round → levels → index Σ level·basis [N,H,W,1]
 *
 * @see Mentzer et al. 2023, arXiv:2309.15505, section 3 and appendix A
 */
import {
  add,
  type Backend,
  cast,
  div,
  mod,
  mul,
  type Quantizer,
  reshape,
  round,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  tidy,
  ValueError,
} from '@vqkit/core';
import { checkFeatures, checkIndices, straightThrough } from '@vqkit/core/codebook';

/** Options of `fsq`. */
export interface FsqOptions {
  /** Levels per channel, each ≥ 2, their product at most 2²⁴; D is their number. */
  readonly levels: readonly number[];
}

/** FSQ has no parameters. */
export type FsqParams = Record<string, never>;

/** FSQ needs nothing from a batch. */
export type FsqStatistics = Record<string, never>;

/** A finite scalar quantizer. */
export interface FsqQuantizer extends Quantizer<FsqParams, FsqStatistics> {
  readonly levels: readonly number[];
  /** The squashed features before rounding, on the scale of the codes, like `z`: what `quantized` has the gradient of. */
  bound(z: Tensor): Tensor;
}

/** Levels that the paper recommends for about 2^bits codes, bits = 4, 6, 8, 9, 10, 11, 12, 14, 16 (its table 1 and figure 3). */
export const recommendedLevels: Readonly<Record<number, readonly number[]>> = {
  4: [5, 3],
  6: [8, 8],
  8: [8, 6, 5],
  9: [8, 8, 8],
  10: [8, 5, 5, 5],
  11: [8, 8, 6, 5],
  12: [7, 5, 5, 5, 5],
  14: [8, 8, 8, 6, 5],
  16: [8, 8, 8, 5, 5, 5],
};

/** Largest number of codes: beyond it float32 cannot count them. */
const mostCodes = 2 ** 24;

/** Keeps the outermost levels reachable: tanh never quite gets to ±1. From the paper's code. */
const margin = 1e-3;

/**
 * Makes a finite scalar quantizer. One index per position: Σ log₂ levels bits.
 *
 * Codes lie in [−1, 1]: an odd number L of levels gives −1 … 1 in steps of 2/(L − 1), an even one −1 … 1 − 2/L in steps
 * of 2/L. `quantized` has the gradient of the squashed features.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible levels.
 *
 * @example
 * const quantizer = fsq({ levels: [8, 5, 5, 5] }); // 1000 codes, 9.97 bits
 * const { quantized, indices } = quantizer.quantize({}, z); // z: [1, 16, 16, 4] → indices: [1, 16, 16, 1]
 */
export function fsq({ levels }: FsqOptions): FsqQuantizer {
  const codes = levels.reduce((product, count) => product * count, 1);
  checkLevels(levels, codes);
  const dimension = levels.length;
  const halves = levels.map((count) => Math.floor(count / 2));
  const basis = levels.map((_, i) => levels.slice(0, i).reduce((product, count) => product * count, 1));
  const widths = levels.map((count) => ((count - 1) * (1 + margin)) / 2);
  const offsets = levels.map((count) => (count % 2 === 0 ? 0.5 : 0));
  const shifts = offsets.map((offset, i) => Math.atanh(offset / widths[i]!));
  const row = (like: Tensor, values: readonly number[]): Tensor => tensor(like.backend, values);
  const integers = (like: Tensor, values: readonly number[]): Tensor => tensor(like.backend, Uint32Array.from(values));

  /** Squashed features in units of levels, around 0. */
  const squash = (z: Tensor): Tensor => sub(mul(tanh(add(z, row(z, shifts))), row(z, widths)), row(z, offsets));
  const indexOf = (squashed: Tensor): Tensor => {
    const digits = cast(add(round(squashed), row(squashed, halves)), 'u32');
    return sum(mul(digits, integers(squashed, basis)), { axes: -1, keepDims: true });
  };
  const codeOf = (indices: Tensor): Tensor => {
    const digits = mod(div(cast(indices, 'u32'), integers(indices, basis)), integers(indices, levels));
    return div(sub(cast(digits, 'f32'), row(indices, halves)), row(indices, halves));
  };
  const check = (z: Tensor): void => checkFeatures('fsq', z, dimension);

  return {
    name: 'fsq',
    levels,
    dimension,
    codebookSizes: [codes],
    bitsPerPosition: Math.log2(codes),
    init: (_: Backend) => ({}),
    bound: (z) => tidy(() => div(squash(z), row(z, halves))),
    quantize: (_, z) => {
      check(z);
      return tidy(() => {
        const squashed = squash(z);
        const indices = indexOf(squashed);
        const quantized = straightThrough(div(squashed, row(z, halves)), codeOf(indices));
        return { quantized, indices, losses: {}, statistics: {} };
      });
    },
    encode: (_, z) => {
      check(z);
      return tidy(() => indexOf(squash(z)));
    },
    decode: (_, indices) => {
      checkIndices('fsq', indices, 1);
      return tidy(() => reshape(codeOf(indices), [...indices.shape.slice(0, 3), dimension]));
    },
    update: () => ({}),
  };
}

function checkLevels(levels: readonly number[], codes: number): void {
  const isFine = levels.length > 0 && levels.every((count) => Number.isInteger(count) && count >= 2);
  if (isFine && codes <= mostCodes) return;
  throw new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `fsq: expected one or more levels ≥ 2 with a product of at most 2²⁴, got [${levels}]`,
    fix: 'Use e.g. [8, 5, 5, 5] for about 10 bits; for more bits use several quantizers, e.g. product or residual',
  });
}
