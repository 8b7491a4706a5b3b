/** Errors of `@vqkit/backend-onnx`. */
import { VqkitError } from '@vqkit/core';

/**
 * onnxruntime is missing, or cannot do what was asked: `OPTIONS_INVALID`, `ENGINE_MISSING`, `PROVIDER_MISSING`, `ENGINE_FAILED`,
 * `SESSION_FAILED`, `BACKEND_DISPOSED`, `HANDLE_UNKNOWN`, `BATCH_NOT_DYNAMIC`.
 */
export class OnnxError extends VqkitError {
  override name = 'OnnxError';
}
