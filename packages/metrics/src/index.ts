/** `@vqkit/metrics`: how good are images, codes and rates. */

export { InputError, MetricsError, WeightsError } from './errors.ts';
export type { MetricImage, PairOptions, PixelArray } from './image/image.ts';
export { type LoadLpipsOptions, loadLpips } from './lpips/load-lpips.ts';
export {
  type LpipsBackbone,
  type LpipsFunction,
  type LpipsOptions,
  type LpipsParams,
  lpips,
  lpipsLayers,
  lpipsMap,
} from './lpips/lpips.ts';
export { psnr } from './psnr/psnr.ts';
export { type MsSsimOptions, msSsim } from './ssim/ms-ssim.ts';
export { type SsimOptions, ssim } from './ssim/ssim.ts';
export type { LoadProgress, ReadOptions, WeightsSource } from './weights/source.ts';
