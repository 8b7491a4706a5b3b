/** Errors of `@vqkit/backend-tfjs`. */
import { BackendError } from '@vqkit/core';

/**
 * Base of this package's errors: `TFJS_NOT_INSTALLED`, `RUNTIME_UNKNOWN`, `RUNTIME_FAILED`, `KERNEL_MISSING`,
 * `KERNEL_FAILED`, `HANDLE_UNKNOWN`, `BACKEND_DISPOSED`.
 */
export class TfjsError extends BackendError {
  override name = 'TfjsError';
}
