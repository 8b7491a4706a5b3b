/** MS-SSIM as what an encoder makes small: see `refine` of `@vqkit/tokenizer` and `effort` of `@vqkit/codec`. It needs no weights. */
import { add, mul, sub, type Tensor } from '@vqkit/core';
import { tensorMsSsim } from '../tensors/similarity.ts';
import { msSsimMinimumSize } from './ms-ssim.ts';

/** What MS-SSIM lacks to 1. */
export interface PerceptualMsSsim {
  /** None. */
  readonly params: Readonly<Record<never, never>>;
  /** Pixels along each side below which there is nothing to compare: 161. */
  readonly minimumSize: number;
  /** @param a  f32 `[N, H, W, C]` in [−1, 1], as is `b`. @returns f32 `[N]`; differentiable. */
  distance(params: PerceptualMsSsim['params'], a: Tensor, b: Tensor): Tensor;
}

/**
 * MS-SSIM as a loss, for those who have no weights of LPIPS: shapes and brightness get better, fine texture does not.
 *
 * @example
 * const codec = await createCodec(photo, { backend, perceptual: perceptualMsSsim() });
 * const bytes = await codec.encode(image, { effort: 1 });
 */
export function perceptualMsSsim(): PerceptualMsSsim {
  return { params: {}, minimumSize: msSsimMinimumSize, distance: (_, a, b) => lackOfMsSsim(a, b) };
}

/** 1 − MS-SSIM. @param a  f32 `[N, H, W, C]` in [−1, 1], of 161 pixels and more along each side, as is `b`. @returns f32 `[N]`. */
export function lackOfMsSsim(a: Tensor, b: Tensor): Tensor {
  const [p, q] = [a, b].map((x) => mul(add(x, 1), 0.5)) as [Tensor, Tensor];
  return sub(1, tensorMsSsim(p, q));
}
