/** Errors of `@vqkit/training`. */
import { VqkitError } from '@vqkit/core';

/** Training cannot start or go on: `DATA_MISSING`, `IMAGE_UNREADABLE`, `DIVERGED`, `CHECKPOINT_DAMAGED`, `CHECKPOINT_MISMATCH`. */
export class TrainingError extends VqkitError {}
