/** LPIPS as what an encoder makes small: see `refine` of `@vqkit/tokenizer` and `effort` of `@vqkit/codec`. */
import { type Backend, disposeTree, type Tensor } from '@vqkit/core';
import type { WeightsSource } from '../weights/source.ts';
import { type LoadLpipsOptions, loadLpips } from './load-lpips.ts';
import { type LpipsOptions, type LpipsParams, lpips, lpipsBackbones } from './lpips.ts';

/** LPIPS with its weights on a backend. */
export interface PerceptualLpips {
  readonly params: LpipsParams;
  /** Pixels along each side below which there is nothing to compare. */
  readonly minimumSize: number;
  /** @param a  f32 `[N, H, W, 3]` in [−1, 1], as is `b`. @returns f32 `[N]`; differentiable. */
  distance(params: LpipsParams, a: Tensor, b: Tensor): Tensor;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Loads LPIPS as a loss.
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
  return {
    params,
    minimumSize: lpipsBackbones[options.backbone].minimumSize,
    distance: lpips(options),
    dispose: () => disposeTree(params),
  };
}
