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

/** Work in steps: a generator that stops where others may have their turn, and returns the result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** @internal Does work in steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Milliseconds of work after which the event loop turns: people do not notice, and the turns cost nothing. */
const turnAfterMs = 50;

/** @internal Does work in steps that lets the event loop turn now and then. @throws the signal's reason, when it is aborted then. */
export async function inTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < turnAfterMs) continue;
    await eventLoopTurn(signal);
    since = performance.now();
  }
}

/** @internal Multiplications between two turns for `compile`, where people may want to stop: 0.4 s on a core that does 40 thousand million a second. */
export const workPerTurn = 16e9;
