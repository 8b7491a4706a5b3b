/** Errors of `@vqkit/codec` above the bitstream. */
import { VqkitError } from '@vqkit/core';

/**
 * Options, a rate, bytes or a model do not fit: `OPTIONS_INVALID`, `RATE_TOO_LOW`, `BYTES_INVALID`, `MODEL_MISMATCH`,
 * `PRIOR_MISSING`, `PLANES_UNSUPPORTED`, `CODEC_DISPOSED`, `CONCEALER_DISPOSED`, `WORKER_FAILED`.
 */
export class CodecError extends VqkitError {
  override name = 'CodecError';
}
