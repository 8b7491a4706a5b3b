/** What an autoencoder with codes is worth on images held out: PSNR, LPIPS, and how its codes are used. */
import {
  compile,
  disposeTree,
  type HostTensor,
  mean,
  square,
  sub,
  type Tensor,
  tensorsOf,
  uploadTree,
} from '@vqkit/core';
import { type LpipsParams, lpips, usageOfCounts } from '@vqkit/metrics';
import type { ValidationScores } from '../../loop/recipe.ts';

/** Restores images, f32 `[N, H, W, 3]` in [−1, 1]; indices are u32 `[N, h, w, S]`. */
export type RestoreImages<P> = (params: P, x: Tensor) => { readonly xHat: Tensor; readonly indices: Tensor };

/** Scores on images held out. */
export interface HeldOutScores<P> {
  /** Means over images; `usedCodes` and `entropyBits` are sums over the slots of a position. */
  measure(params: P, images: readonly HostTensor[], weights: LpipsParams): Promise<ValidationScores>;
  dispose(): void;
}

/** @param colours  From what the images are to f32 `[N, H, W, 3]`. */
export function heldOutScores<P>(restore: RestoreImages<P>, colours: (x: Tensor) => Tensor): HeldOutScores<P> {
  const distance = lpips({ backbone: 'squeeze' });
  const measured = compile((params: P, pixels: Tensor, weights: LpipsParams) => {
    const x = colours(pixels);
    const { xHat, indices } = restore(params, x);
    return { errors: mean(square(sub(xHat, x)), { axes: [1, 2, 3] }), distances: distance(weights, xHat, x), indices };
  });
  return {
    measure: async (params, images, weights) => {
      const { backend } = tensorsOf(params)[0]!;
      let [psnr, lpipsSum, count] = [0, 0, 0];
      let uses: Map<number, number>[] = [];
      for (const own of images) {
        const x = uploadTree(backend, own) as Tensor;
        const found = measured(params, x, weights);
        const [errors, distances, indices] = await Promise.all([
          found.errors.data(),
          found.distances.data(),
          found.indices.data(),
        ]);
        const slots = found.indices.shape.at(-1)!;
        if (uses.length === 0) uses = Array.from({ length: slots }, () => new Map());
        // Squares of a range of 2.
        for (const error of errors) psnr += 10 * Math.log10(4 / Math.max(error, 1e-10));
        for (const value of distances) lpipsSum += value;
        indices.forEach((code, i) => {
          const use = uses[i % slots]!;
          use.set(code, (use.get(code) ?? 0) + 1);
        });
        count += errors.length;
        disposeTree([x, found]);
      }
      const usage = uses.map((use) => usageOfCounts([...use.values()]));
      const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      return {
        psnr: psnr / count,
        lpips: lpipsSum / count,
        usedCodes: total(usage.map(({ used }) => used)),
        entropyBits: total(usage.map(({ entropyBits }) => entropyBits)),
      };
    },
    dispose: () => measured.dispose(),
  };
}
