/** Bytes behind a URL. A server that does not answer, drips or never ends is given up. */
import { untilAborted } from './tensor/waiting.ts';

/** How a URL is read. */
export interface FetchBytesOptions {
  /** Milliseconds to wait for the answer, and for every 64 KiB of it. Default 30,000. */
  readonly patienceMs?: number;
  /** Most bytes to take. Default: any number. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** @param totalBytes  Undefined when the server does not say. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number | undefined) => void) | undefined;
}

/** Bytes that have to come within the patience: what drips is as good as nothing. */
const pieceBytes = 65_536;

/**
 * Reads what is behind a URL to its end.
 *
 * @throws Error that says in one line what happened instead, for whoever knows what the bytes were for; the signal's reason when aborted.
 */
export async function fetchBytes(url: string, options: FetchBytesOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { patienceMs = 30_000, maxBytes = Number.POSITIVE_INFINITY, signal, onProgress } = options;
  const load = options.fetch ?? fetch;
  const end = new AbortController();
  const stop = (): void => end.abort(signal!.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [loaded, due] = [0, 0];
  const expectMore = (): void => {
    clearTimeout(timer);
    const late = (): string => (due === 0 ? 'no answer' : `${loaded} bytes, and less than ${pieceBytes} of them`);
    timer = setTimeout(() => end.abort(new Error(`${late()} within ${patienceMs / 1000} s`)), patienceMs);
  };
  try {
    expectMore();
    const response = await untilAborted(load(url, { signal: end.signal }), end.signal);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    const length = response.headers.get('content-length');
    const chunks: Uint8Array[] = [];
    const reader = response.body?.getReader();
    for (;;) {
      if (loaded >= due) {
        due = loaded + pieceBytes;
        expectMore();
      }
      const { done, value } = reader ? await untilAborted(reader.read(), end.signal) : { done: true };
      if (done || !value) break;
      chunks.push(value);
      loaded += value.length;
      if (loaded > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
      onProgress?.(loaded, length === null ? undefined : Number(length));
    }
    return joined(chunks, loaded);
  } catch (error) {
    const reason = end.signal.aborted ? end.signal.reason : explained(error);
    end.abort(reason); // ends the connection
    throw reason;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** `fetch failed` alone helps nobody: what failed is its cause. */
function explained(error: unknown): unknown {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  if (!(error instanceof Error && cause instanceof Error)) return error;
  return new Error(`${error.message}: ${cause.message || String((cause as { code?: unknown }).code)}`, { cause });
}
