/** Ctrl-C as an `AbortSignal`. */
import { CliError } from '../errors.ts';

/**
 * Runs work that the user may stop: the first Ctrl-C (or SIGTERM) aborts the signal, a second one ends the process.
 *
 * @throws CliError `ABORTED` when stopped; what the work throws otherwise.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (!controller.signal.aborted) throw cause;
    throw new CliError({
      code: 'ABORTED',
      message: 'stopped before the end',
      fix: 'Nothing was written; run it again',
      cause,
    });
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
