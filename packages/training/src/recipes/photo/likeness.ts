/**
 * How alike a restored picture is, as all photo recipes measure it: L1 and LPIPS at full resolution, and both again at
 * half of it, where LPIPS sees structure of twice the size (faces, windows). LPIPS looks at a random phase.
 */
import { add, avgPool, mean, meanAbsoluteError, mul, type Tensor } from '@vqkit/core';
import { type LpipsParams, lpips } from '@vqkit/metrics';
import { randomPhase } from './random-phase.ts';

/** What a pair of batches gives. */
export interface Likeness {
  /** l1 + lpips + half · (the same at half resolution), f32 scalar. */
  readonly loss: Tensor;
  /** Scalars for the log: `l1`, `lpips`, and `lpipsHalf` where it counts. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** LPIPS of each image, f32 `[N]`. */
  readonly distances: Tensor;
}

/** Measures how alike two batches are, f32 `[N, H, W, 3]` in [−1, 1]; differentiable. */
export type LikenessFunction = (weights: LpipsParams, xHat: Tensor, x: Tensor, key: Tensor) => Likeness;

/** @param half  Weight of the losses at half resolution; 0 leaves them out. */
export function likeness(half: number): LikenessFunction {
  const perceptual = lpips({ backbone: 'squeeze' });
  return (weights, xHat, x, key) => {
    const l1 = meanAbsoluteError(xHat, x);
    const moved = randomPhase([xHat, x], key) as [Tensor, Tensor];
    const distances = perceptual(weights, ...moved);
    const full = { l1, lpips: mean(distances) };
    if (half === 0) return { loss: add(l1, full.lpips), metrics: full, distances };
    const [a, b] = moved.map((image) => avgPool(image, { size: 2 })) as [Tensor, Tensor];
    const lpipsHalf = mean(perceptual(weights, a, b));
    const loss = add(add(l1, full.lpips), mul(add(meanAbsoluteError(a, b), lpipsHalf), half));
    return { loss, metrics: { ...full, lpipsHalf }, distances };
  };
}
