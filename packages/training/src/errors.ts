/** Errors of `@vqkit/training`. */
import { VqkitError } from '@vqkit/core';

/**
 * Training cannot start or go on. Data: `DATA_MISSING`, `IMAGE_UNREADABLE`. Options: `OPTION_INVALID`. The folder:
 * `RUN_LOCKED`, `RUN_EXISTS`, `OUTPUT_UNWRITABLE`, `LOG_UNREADABLE`. Checkpoints: `CHECKPOINT_DAMAGED`,
 * `CHECKPOINT_MISMATCH`. The run: `DIVERGED`.
 */
export class TrainingError extends VqkitError {
  override name = 'TrainingError';
}
