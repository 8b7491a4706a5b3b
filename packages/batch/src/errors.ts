/** Errors of `@vqkit/batch`. */
import { type NumberRange, numberProblem, VqkitError } from '@vqkit/core';

/**
 * A batch cannot be done as asked: `OPTIONS_INVALID`, `INPUTS_MISSING`, `INPUT_UNREADABLE`, `OUTPUT_UNWRITABLE`, `OUTPUT_IS_INPUT`, `OUTPUT_EXISTS`, `BATCH_DIFFERS`,
 * `WORK_UNUSABLE`, `PACKAGE_MISSING`, `QUEUE_UNREACHABLE`, `JOB_FAILED`, `JOB_INVALID`.
 */
export class BatchError extends VqkitError {
  override name = 'BatchError';
}

/** Range of times: what timers of Node take. */
export const milliseconds: NumberRange = { min: 1, max: 2 ** 31 - 1, isWhole: false };

/** Checks an option. @throws BatchError `OPTIONS_INVALID` */
export function checkNumber(name: string, value: unknown, range: NumberRange): void {
  const problem = numberProblem(name, value, range);
  if (problem) throw new BatchError({ code: 'OPTIONS_INVALID', ...problem });
}

/** What an unknown thrown value says, in one line and without advice: whoever passes it on gives its own. */
export function reasonOf(error: unknown): string {
  const { message, fix } = (error ?? {}) as { readonly message?: unknown; readonly fix?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  return text.endsWith(`. ${fix}`) ? text.slice(0, -`. ${fix}`.length) : text;
}

/** A package that is installed only by those who use it. @throws BatchError `PACKAGE_MISSING` */
export async function optionalPackage<T>(load: () => Promise<T>, names: string, what: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new BatchError({
      code: 'PACKAGE_MISSING',
      message: `expected ${names} for ${what}, got: ${reasonOf(cause)}`,
      fix: `Install it beside @vqkit/batch: npm install ${names}`,
      cause,
    });
  }
}
