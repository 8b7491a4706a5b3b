/** Errors of `@vqkit/models`. */
import { VqkitError } from '@vqkit/core';

/** A file of another project is not the model that it was taken for: `ARCHITECTURE_UNKNOWN`, `TENSOR_MISSING`, `TENSOR_UNKNOWN`, `TENSOR_SHAPE`. */
export class ModelError extends VqkitError {
  override name = 'ModelError';
}
