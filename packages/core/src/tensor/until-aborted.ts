/** Waiting that can be given up. */

/** @internal What a promise becomes, unless a signal is aborted first. @throws the signal's reason. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    const end = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(end);
    if (signal.aborted) stop();
  });
}
