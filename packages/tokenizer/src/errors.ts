/** Errors of `@vqkit/tokenizer`. */
import { VqkitError } from '@vqkit/core';

/**
 * Weights, options or index maps do not fit: `MANIFEST_INVALID`, `WEIGHTS_DAMAGED`, `ARCHITECTURE_MISSING`,
 * `QUANTIZER_MISSING`, `OPTIONS_INVALID`, `INDICES_INVALID`, `TOKENIZER_DISPOSED`, `FOLDER_UNUSABLE`, `PERCEPTUAL_MISSING`,
 * `TOKENIZER_MISMATCH`, `GENERATOR_DISPOSED`.
 */
export class TokenizerError extends VqkitError {
  override name = 'TokenizerError';
}
