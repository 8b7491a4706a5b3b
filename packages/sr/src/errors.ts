/** Errors of `@vqkit/sr`. */
import { VqkitError } from '@vqkit/core';

/** Options, weights or an upscaler cannot be used: `OPTIONS_INVALID`, `WEIGHTS_DAMAGED`, `UPSCALER_DISPOSED`. */
export class UpscalerError extends VqkitError {
  override name = 'UpscalerError';
}
