/** Errors of `@vqkit/codec` above the bitstream. */
import { VqkitError } from '@vqkit/core';

/**
 * A rate or a model does not fit: `RATE_TOO_LOW`, `OPTIONS_INVALID`, `MODEL_MISMATCH`,
 * `WEIGHTS_DAMAGED`.
 */
export class CodecError extends VqkitError {}
