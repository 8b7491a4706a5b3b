/** Errors of the command line. */
import { constants } from 'node:os';
import { VqkitError } from '@vqkit/core';

/**
 * Wrong usage (exit code 2): `USAGE`, `FORMAT_UNKNOWN`, `OUTPUT_IS_INPUT`, `OUTPUT_EXISTS`. Failures (exit code 1): `INPUT_UNREADABLE`,
 * `OUTPUT_UNWRITABLE`, `FOLDER_EMPTY`, `ALL_FAILED`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`. Stopped (130, by SIGTERM 143): `ABORTED`.
 */
export class CliError extends VqkitError {
  override name = 'CliError';

  /** What the process ends with: for a signal, as shells have it, 128 and the signal's number. */
  get exitCode(): number {
    if (this.code === 'ABORTED')
      return (
        128 + constants.signals[this.cause instanceof Error && this.cause.message === 'SIGTERM' ? 'SIGTERM' : 'SIGINT']
      );
    return ['USAGE', 'FORMAT_UNKNOWN', 'OUTPUT_IS_INPUT', 'OUTPUT_EXISTS'].includes(this.code) ? 2 : 1;
  }
}

/** What an unknown thrown value says; of our errors without the advice, since whoever passes the reason on gives its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { fix } = error as { readonly fix?: unknown };
  const advice = `. ${fix}`;
  return error.message.endsWith(advice) ? error.message.slice(0, -advice.length) : error.message;
}
