/**
 * What a page and its worker say to each other. A call has a number; its answer, its progress and its abort carry the same.
 * Comlink would need a handler of its own for signals, for progress and for classes of errors, in a table that the whole
 * page shares, so this is ours.
 */
import type { PackedError } from './pack-error.ts';

/** What can be called from outside; `open` waits until there is a codec. */
export type Method = 'open' | 'encode' | 'decode' | 'decodeToIndices' | 'warmup' | 'dispose';

/** What marks messages of ours: a worker may hear others as well. */
const mark = { vqkit: 'codec' };

/** From the page. */
export type Request =
  | { readonly call: number; readonly method: Method; readonly args: readonly unknown[]; readonly hasProgress: boolean }
  | { readonly call: number; readonly abort: true };

/** From the worker; `hello` once it listens. */
export type Answer =
  | { readonly hello: true }
  | { readonly call: number; readonly progress: unknown }
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: PackedError };

/** One end of a channel: a `Worker` or `MessagePort` of browsers or of Node, or a worker's global scope. */
export interface Channel {
  postMessage(message: unknown, transfer: never[]): void;
}

/** The two ways in which ends of channels are listened to, and ended. */
interface End extends Channel {
  on?(type: string, listener: (value: never) => void): void;
  addEventListener?(type: string, listener: (event: { data?: unknown; message?: string }) => void): void;
  start?(): void;
  terminate?(): unknown;
  close?(): void;
}

/** Listens to messages. @param onFailure  Gets why, and whether nothing more will come. */
export function listen(
  channel: Channel,
  onMessage: (data: never) => void,
  onFailure: (reason: unknown, isOver: boolean) => void = () => undefined,
): void {
  const end = channel as End;
  const fail = (reason: string) => () => onFailure(new Error(reason), true);
  const hear = (data: unknown): void => {
    if ((data as Partial<typeof mark> | null)?.vqkit === mark.vqkit) onMessage(data as never);
  };
  if (end.on) {
    end.on('message', hear);
    end.on('error', (error) => onFailure(error, true));
    end.on('messageerror', (error) => onFailure(error, false));
    end.on('exit', (code) => onFailure(new Error(`the worker ended with code ${code}`), true));
    end.on('close', fail('the port was closed'));
    return;
  }
  end.addEventListener?.('message', ({ data }) => hear(data));
  // Uncaught errors of a worker in a browser do not end it; a script that does not load comes without a message.
  end.addEventListener?.('error', ({ message }) =>
    onFailure(new Error(message ?? 'its script does not load'), !message),
  );
  end.addEventListener?.('messageerror', () => onFailure(new Error('a message that cannot be read'), false));
  end.addEventListener?.('close', fail('the port was closed'));
  end.start?.();
}

/** Ends a worker, or a port. */
export function end(channel: Channel): void {
  const { terminate, close } = channel as End;
  (terminate ?? close)?.call(channel);
}

/**
 * Sends a message. Arrays that are a part of larger memory are cut out of it first, since memory goes as a whole.
 *
 * @param handOver  Memory that moves instead of being copied, or `all`.
 */
export function send(channel: Channel, message: Request | Answer, handOver: 'all' | readonly unknown[] = []): void {
  const moved = new Set<unknown>(handOver === 'all' ? [] : handOver);
  const compact = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
      const { buffer, byteOffset, byteLength } = value;
      const isPart = byteLength < buffer.byteLength && !moved.has(buffer);
      const own = isPart ? buffer.slice(byteOffset, byteOffset + byteLength) : buffer;
      if (handOver === 'all') moved.add(own);
      // A Buffer of Node is a Uint8Array whose constructor makes none.
      const View = value instanceof Uint8Array ? Uint8Array : (value.constructor as Uint8ArrayConstructor);
      return isPart ? new View(own) : value;
    }
    if (Array.isArray(value)) return value.map(compact);
    const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    return isPlain ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compact(item)])) : value;
  };
  const compacted = compact({ ...mark, ...message });
  channel.postMessage(compacted, [...moved] as never[]);
}
