/**
 * What crosses between page and worker besides plain data: signals, through a port each, and errors with the `code` and the
 * `fix` that Comlink's own form of them leaves out. And a name that both know.
 */
import { type TransferHandler, transferHandlers } from 'comlink';

/** Where weights are kept, in Cache Storage. */
export const weightsCache = 'vqkit-weights';

/** An error as it crosses. */
interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly fix?: string;
}

/** A thrown value in Comlink's wrapping, and what becomes of it. */
interface Thrown {
  readonly value: unknown;
}

const signals: TransferHandler<AbortSignal, MessagePort | undefined> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize: (signal) => {
    // an aborted one is sent as no port at all
    if (signal.aborted) return [undefined, []];
    const { port1, port2 } = new MessageChannel();
    signal.addEventListener('abort', () => port1.postMessage('abort'), { once: true });
    return [port2, [port2]];
  },
  deserialize: (port) => {
    if (port === undefined) return AbortSignal.abort();
    const controller = new AbortController();
    port.onmessage = () => controller.abort();
    return controller.signal;
  },
};

/** An error as plain data. */
function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, code, fix } = error as Error & { code?: unknown; fix?: string };
  return { name, message, stack, fix, code: typeof code === 'string' ? code : undefined };
}

/** Teaches Comlink to carry signals and whole errors; called once on each side. */
export function installTransferHandlers(): void {
  const errors: TransferHandler<Thrown, PlainError> = {
    canHandle: transferHandlers.get('throw')!.canHandle as (value: unknown) => value is Thrown,
    serialize: ({ value }) => [plainError(value), []],
    deserialize: (plain): never => {
      throw Object.assign(new Error(plain.message), plain);
    },
  };
  transferHandlers.set('signal', signals);
  transferHandlers.set('throw', errors as TransferHandler<unknown, unknown>);
}
