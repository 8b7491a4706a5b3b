/** Errors of `@vqkit/codec` above the bitstream. */
import { VqkitError } from '@vqkit/core';

/**
 * An image, a rate or a model does not fit: `IMAGE_INVALID`, `RATE_TOO_LOW`, `OPTIONS_INVALID`, `MODEL_MISMATCH`,
 * `WEIGHTS_DAMAGED`, `ABORTED`.
 */
export class CodecError extends VqkitError {}
