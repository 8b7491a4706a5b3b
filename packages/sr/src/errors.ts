/** Errors of `@vqkit/sr`. */
import { VqkitError } from '@vqkit/core';

/** Options, weights or an upscaler cannot be used, or memory is short: `OPTIONS_INVALID`, `WEIGHTS_DAMAGED`, `UPSCALER_DISPOSED`, `OUT_OF_MEMORY`. */
export class UpscalerError extends VqkitError {
  override name = 'UpscalerError';
}
