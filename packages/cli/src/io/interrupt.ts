/** Ctrl-C as an `AbortSignal`. */
import { CliError } from '../errors.ts';

/**
 * Runs work that the user may stop: the first Ctrl-C (or SIGTERM) aborts the signal, a second one ends the process.
 *
 * @param fix  What the user may do then.
 * @throws CliError `ABORTED` when stopped, the work's own where it has more to say; what the work throws otherwise.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  fix = 'Nothing was written; run it again',
): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => controller.abort(new DOMException(name, 'AbortError'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted || (error instanceof CliError && error.code === 'ABORTED')) throw error;
    throw aborted(controller.signal, 'stopped before the end', fix);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** The error of work that `signal` stopped. */
export function aborted({ reason }: AbortSignal, message: string, fix: string): CliError {
  return new CliError({ code: 'ABORTED', message, fix, cause: reason });
}
