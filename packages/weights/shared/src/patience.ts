/** Waiting that ends: when too little comes for too long, and when whoever waits is told to stop. */

/** A wait that may take several steps. */
export interface Patience {
  /** Aborted when it is at an end. */
  readonly signal: AbortSignal;
  /** What a promise becomes in time. @throws the reason of the end. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Something came: the time begins anew. */
  renew(): void;
  /** Ends it; what still runs for it is told to stop. */
  end(): void;
}

/** Starts a wait of `ms` milliseconds that `outer` ends too. */
export function patience(ms: number, outer: AbortSignal | undefined): Patience {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void => controller.abort(outer!.reason);
  outer?.addEventListener('abort', stop);
  if (outer?.aborted) stop();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const renew = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(new Error(`nothing more within ${ms / 1000} s`)), ms);
  };
  renew();
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
  });
  ended.catch(() => undefined); // told to whoever waits
  return {
    signal,
    wait: (promise) => Promise.race([promise, ended]),
    renew,
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
      controller.abort();
    },
  };
}
