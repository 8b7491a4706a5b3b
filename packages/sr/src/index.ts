/** `@vqkit/sr`: super-resolution with texture vector quantization and reconstruction-aware prediction (TVQ & RAP). */
export { UpscalerError } from './errors.ts';
export type { Size, TargetSize } from './target-size.ts';
export {
  createUpscaler,
  type UpscaledTile,
  type UpscaleOptions,
  type Upscaler,
  type UpscalerOptions,
} from './upscaler.ts';
