/**
 * Where the levels of a channel are, and how features get there. All variants place a feature at squash(z + shift)·width +
 * centre, which is then rounded to a level 0 … L − 1; the value of a level is (level − middle)/middle.
 */
import { clamp, type Tensor, tanh } from '@vqkit/core';

/**
 * How features become levels.
 *
 * `paper`: as appendix A of the paper, tanh within a margin ε = 10⁻³ inside of the outermost levels, shifted by tan(½/w) for
 * even L. `lucidrains`: as vector-quantize-pytorch, the margin outside, shifted by artanh(½/w); some 1 % of indices differ.
 * `symmetric`: levels evenly from −1 to 1 for even L too, cut at tanh(z) (Parker et al.). `clamped`: the same for features
 * that are in [−1, 1] already, which are clamped instead of squashed: a stage of `residual`.
 *
 * Of 2 levels `lucidrains` is `symmetric`, which that library insists on: its own formula would cut at z = −3.8 and put
 * nearly every feature in level 1. The paper's cuts at z = −1.56, and is left as it was published.
 */
export type FsqVariant = 'lucidrains' | 'paper' | 'symmetric' | 'clamped';

/** The levels of all channels. */
export interface Grid {
  readonly squash: (z: Tensor) => Tensor;
  readonly isSymmetric: boolean;
  readonly shifts: readonly number[];
  readonly widths: readonly number[];
  readonly centres: readonly number[];
  readonly middles: readonly number[];
}

/** ε of both sources. */
const margin = 1e-3;

/** The grid of a variant. */
export function gridOf(variant: FsqVariant, levels: readonly number[]): Grid {
  const isSymmetric = variant === 'symmetric' || variant === 'clamped';
  const channels = levels.map((count) => {
    const half = (count - 1) / 2;
    if (isSymmetric || (variant === 'lucidrains' && count === 2)) {
      return { shift: 0, width: half, centre: half, middle: half };
    }
    const isPaper = variant === 'paper';
    const width = half * (isPaper ? 1 - margin : 1 + margin);
    const offset = count % 2 === 0 ? 0.5 : 0;
    const below = Math.floor(count / 2);
    const shift = (isPaper ? Math.tan : Math.atanh)(offset / width);
    return { shift, width, centre: below - offset, middle: below };
  });
  return {
    squash: variant === 'clamped' ? (z) => clamp(z, -1, 1) : tanh,
    isSymmetric,
    shifts: channels.map(({ shift }) => shift),
    widths: channels.map(({ width }) => width),
    centres: channels.map(({ centre }) => centre),
    middles: channels.map(({ middle }) => middle),
  };
}
