/** Errors of the command line. */
import { VqkitError } from '@vqkit/core';

/** Wrong usage (exit code 2): `USAGE`; failures (exit code 1): `BACKEND_UNKNOWN`, `IMAGE_UNREADABLE`, … */
export class CliError extends VqkitError {
  /** What the process ends with. */
  get exitCode(): 1 | 2 {
    return this.code === 'USAGE' ? 2 : 1;
  }
}
