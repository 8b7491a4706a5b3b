/** LPIPS and MS-SSIM as what an encoder makes small: see `refine` of `@vqkit/tokenizer` and `effort` of `@vqkit/codec`. */
import { add, type Backend, disposeTree, mul, type Tensor } from '@vqkit/core';
import { msSsimMinimumSize } from '../ssim/ms-ssim.ts';
import { lackOfMsSsim } from '../ssim/perceptual-ms-ssim.ts';
import type { WeightsSource } from '../weights/source.ts';
import { type LoadLpipsOptions, loadLpips } from './load-lpips.ts';
import { type LpipsOptions, type LpipsParams, lpips, lpipsBackbones } from './lpips.ts';

/** LPIPS, and half of what MS-SSIM lacks to 1, with weights on a backend. */
export interface PerceptualLpips {
  readonly params: LpipsParams;
  /** Pixels along each side below which there is nothing to compare. */
  readonly minimumSize: number;
  /** @param a  f32 `[N, H, W, 3]` in [−1, 1], as is `b`. @returns f32 `[N]`; differentiable. */
  distance(params: LpipsParams, a: Tensor, b: Tensor): Tensor;
  /** Frees the weights. */
  dispose(): void;
}

/** What MS-SSIM lacks to 1 counts half: LPIPS alone lets shapes move, and MS-SSIM falls. */
const msSsimWeight = 0.5;

/**
 * Loads LPIPS as a loss; images of 161 pixels and more along each side are compared by MS-SSIM too.
 *
 * @param source  As `loadLpips`.
 * @throws WeightsError as `loadLpips`.
 *
 * @example
 * const perceptual = await perceptualLpips(backend, 'lpips_squeeze_v0.1.safetensors', { backbone: 'squeeze' });
 * const codec = await createCodec(photo, { backend, perceptual });
 * const bytes = await codec.encode(image, { effort: 2 });
 */
export async function perceptualLpips(
  backend: Backend,
  source: WeightsSource | undefined,
  options: LpipsOptions & LoadLpipsOptions,
): Promise<PerceptualLpips> {
  const params = await loadLpips(backend, source, options);
  const perceptual = lpips(options);
  return {
    params,
    minimumSize: lpipsBackbones[options.backbone].minimumSize,
    distance: (own, a, b) => {
      const distance = perceptual(own, a, b);
      if (Math.min(a.shape[1]!, a.shape[2]!) < msSsimMinimumSize) return distance;
      return add(distance, mul(lackOfMsSsim(a, b), msSsimWeight));
    },
    dispose: () => disposeTree(params),
  };
}
