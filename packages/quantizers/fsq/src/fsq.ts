/**
 * Finite scalar quantization: no codebook. Each channel is squashed into a few levels and rounded; the levels of all
 * channels are the digits of one index, in mixed radix, or of several where one would have more than 2¹⁶ codes.
 *
 *   z [N,H,W,D] → tanh to (0, L − 1) → round → digits → indices Σ digit·basis [N,H,W,S]
 *
 * @see Mentzer et al. 2023, arXiv:2309.15505, section 3 and appendix A; Parker et al. 2024, arXiv:2411.19842, section 3.2
 */
import {
  add,
  type Backend,
  cast,
  div,
  floor,
  less,
  mul,
  type Quantizer,
  sub,
  type Tensor,
  tensor,
  tidy,
  ValueError,
  where,
} from '@vqkit/core';
import {
  checkFeatures,
  checkIndices,
  checkName,
  outOfRange,
  splitKey,
  straightThrough,
  uniformBits,
} from '@vqkit/core/codebook';
import { type FsqVariant, gridOf } from './grid.ts';
import { mostCodes, packDigits, slotsOf, unpackDigits } from './slots.ts';

/** Options of `fsq`. */
export interface FsqOptions {
  /** Levels per channel, 2 to 2¹⁶ each; D is their number. */
  readonly levels: readonly number[];
  /** How features become levels. Default `lucidrains`. */
  readonly variant?: FsqVariant;
  /**
   * Noise dropout, of the variants `symmetric` and `clamped`: the share of values, in [0, 1], that `quantize` with a key does
   * not round, but replaces by the squashed value plus even noise in ±1/(L − 1). Default 0.
   */
  readonly noise?: number;
}

/** FSQ has no parameters. */
export type FsqParams = Record<string, never>;

/** FSQ needs nothing from a batch. */
export type FsqStatistics = Record<string, never>;

/** A finite scalar quantizer. */
export interface FsqQuantizer extends Quantizer<FsqParams, FsqStatistics> {
  readonly levels: readonly number[];
  readonly variant: FsqVariant;
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

/**
 * Makes a finite scalar quantizer. Σ log₂ levels bits per position, in one index, or where these are more than 16 in several slots of
 * consecutive channels, about as large and each of at most 2¹⁶ codes.
 *
 * Codes lie in [−1, 1]. With `lucidrains` and `paper` an odd number L of levels gives −1 … 1 in steps of 2/(L − 1), an even
 * one −1 … 1 − 2/L in steps of 2/L; the other variants always give −1 … 1. `quantized` has the gradient of the squashed features.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = fsq({ levels: [8, 5, 5, 5] }); // 1000 codes, 9.97 bits
 * const { quantized, indices } = quantizer.quantize({}, z); // z: [1, 16, 16, 4] → indices: [1, 16, 16, 1]
 */
export function fsq({ levels, variant = 'lucidrains', noise = 0 }: FsqOptions): FsqQuantizer {
  checkLevels(levels);
  checkName('fsq: variant', variant, ['lucidrains', 'paper', 'symmetric', 'clamped']);
  const grid = gridOf(variant, levels);
  if (!(noise >= 0 && noise <= 1)) throw outOfRange('fsq: noise', 'in [0, 1]', noise);
  if (noise > 0 && !grid.isSymmetric)
    throw outOfRange('fsq: noise', "0, or the variant 'symmetric' or 'clamped'", noise);
  const dimension = levels.length;
  const slots = slotsOf(levels);
  const row = (like: Tensor, values: readonly number[]): Tensor => tensor(like.backend, values);

  /** Levels as real numbers, 0 … L − 1. */
  const place = (z: Tensor): Tensor =>
    add(mul(grid.squash(add(z, row(z, grid.shifts))), row(z, grid.widths)), row(z, grid.centres));
  /** Levels, real or whole, as values. */
  const valueOf = (at: Tensor): Tensor => div(sub(at, row(at, grid.middles)), row(at, grid.middles));
  const indexOf = (placed: Tensor): Tensor => packDigits(floor(add(placed, 0.5)), slots);
  const codeOf = (indices: Tensor): Tensor => valueOf(cast(unpackDigits(indices, slots), 'f32'));
  /** Codes of which some are replaced by noise around what was rounded. */
  const noisy = (code: Tensor, bounded: Tensor, key: Tensor): Tensor => {
    const [keyOfPlaces, keyOfNoise] = splitKey(key, 2) as [Tensor, Tensor];
    const offsets = div(sub(uniformBits(keyOfNoise, code.shape), 0.5), row(code, grid.middles));
    return where(less(uniformBits(keyOfPlaces, code.shape), noise), add(bounded, offsets), code);
  };
  const check = (z: Tensor): void => checkFeatures('fsq', z, dimension);

  return {
    name: 'fsq',
    levels,
    variant,
    dimension,
    codebookSizes: slots.map(({ codes }) => codes),
    bitsPerPosition: slots.reduce((bits, { codes }) => bits + Math.log2(codes), 0),
    init: (_: Backend) => ({}),
    bound: (z) => tidy(() => valueOf(place(z))),
    quantize: (_, z, { key } = {}) => {
      check(z);
      return tidy(() => {
        const placed = place(z);
        const indices = indexOf(placed);
        const [bounded, code] = [valueOf(placed), codeOf(indices)];
        const quantized = straightThrough(bounded, noise > 0 && key ? noisy(code, bounded, key) : code);
        return { quantized, indices, losses: {}, statistics: {} };
      });
    },
    encode: (_, z) => {
      check(z);
      return tidy(() => indexOf(place(z)));
    },
    decode: (_, indices) => {
      checkIndices('fsq', indices, slots.length);
      return tidy(() => codeOf(indices));
    },
    update: () => ({}),
  };
}

function checkLevels(levels: readonly number[]): void {
  const isFine = (count: number): boolean => Number.isInteger(count) && count >= 2 && count <= mostCodes;
  if (levels.length > 0 && levels.every(isFine)) return;
  throw new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `fsq: expected one or more levels from 2 to 65536, got [${levels}]`,
    fix: 'Use e.g. [8, 5, 5, 5] for about 10 bits',
  });
}
