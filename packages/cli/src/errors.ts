/** Errors of the command line. */
import { VqkitError } from '@vqkit/core';

/**
 * Wrong usage (exit code 2): `USAGE`, `FORMAT_UNKNOWN`. Failures (exit code 1): `INPUT_UNREADABLE`, `IMAGE_UNREADABLE`,
 * `OUTPUT_UNWRITABLE`, `FOLDER_EMPTY`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`, `ABORTED`.
 */
export class CliError extends VqkitError {
  /** What the process ends with. */
  get exitCode(): 1 | 2 {
    return this.code === 'USAGE' || this.code === 'FORMAT_UNKNOWN' ? 2 : 1;
  }
}

/** What an unknown thrown value says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
