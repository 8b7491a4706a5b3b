/** What a perceptual network learns: differences of features as LPIPS has them. */
import { add, concat, div, mean, mul, rsqrt, slice, sqrt, square, sub, sum, type Tensor, tidy } from '@vqkit/core';
import { type LpipsParams, lpipsFeatures } from '@vqkit/metrics';

/** Layers of SqueezeNet with one resolution: their features lie side by side. */
const scales = [[0], [1], [2], [3, 4, 5, 6]] as const;

const featuresOf = lpipsFeatures({ backbone: 'squeeze' });

/**
 * Features whose squared distances are those of LPIPS (squeeze): of length 1, times the root of each channel's weight.
 *
 * @param x  f32 `[N, H, W, 3]` in [−1, 1].
 * @returns f32 `[N, h, w, C]` at 1/2, 1/4, 1/8 and 1/16; C: 64, 128, 256 and 1792.
 */
export function lpipsPlaces(params: LpipsParams, x: Tensor): Tensor[] {
  return tidy(() => {
    const taps = featuresOf(params, x).map((tap, i) => {
      const length = rsqrt(add(sum(square(tap), { axes: 3, keepDims: true }), 1e-20));
      return mul(mul(tap, length), sqrt(params.linear[i]!));
    });
    return scales.map((same) =>
      concat(
        same.map((i) => taps[i]!),
        3,
      ),
    );
  });
}

/**
 * Errors of differences between pictures, as shares of the true differences, 0 to about 1: `photos` of one photo and the next,
 * `restored` of photos and what was restored of them, `changed` of that and what a few other codes make.
 *
 * @param found  Features of photos, restored and changed pictures one after the other, f32 `[3·N, h, w, C]` per scale.
 * @param wanted  What they should be, up to a constant.
 */
export function differenceErrors(found: readonly Tensor[], wanted: readonly Tensor[]) {
  const errorOf = (difference: (x: Tensor) => Tensor): Tensor => {
    const total = (taps: readonly Tensor[]): Tensor =>
      taps.map((x) => mul(mean(square(difference(x))), x.shape[3]!)).reduce(add);
    const off = found.map((x, i) => sub(x, wanted[i]!));
    // Pictures may be equal.
    return div(total(off), add(total(wanted), 1e-9));
  };
  const third = (x: Tensor, which: number): Tensor => {
    const count = x.shape[0]! / 3;
    return slice(x, [which * count], { size: [count, ...x.shape.slice(1)] });
  };
  const turned = (x: Tensor): Tensor => {
    const [first, rest] = [slice(x, [0], { size: [1, ...x.shape.slice(1)] }), slice(x, [1])];
    return concat([rest, first]);
  };
  return {
    photos: errorOf((x) => sub(third(x, 0), turned(third(x, 0)))),
    restored: errorOf((x) => sub(third(x, 0), third(x, 1))),
    changed: errorOf((x) => sub(third(x, 1), third(x, 2))),
  };
}
