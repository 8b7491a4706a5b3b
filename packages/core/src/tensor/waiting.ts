/** Waiting that can be given up, and letting others have their turn. */

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

/**
 * @internal One turn of the event loop: signals, timers and messages that came in the meantime are dealt with first. In Node that
 * takes `setImmediate`, which comes after them; timers come before.
 *
 * @throws the signal's reason, when it is aborted then.
 */
export async function eventLoopTurn(signal?: AbortSignal): Promise<void> {
  const next = (globalThis as { setImmediate?: (done: () => void) => void }).setImmediate ?? setTimeout;
  await new Promise<void>((resolve) => next(resolve));
  signal?.throwIfAborted();
}

/** @internal Multiplications between two turns for `compile`, where people may want to stop: 0.4 s on a core that does 40 thousand million a second. */
export const workPerTurn = 16e9;
