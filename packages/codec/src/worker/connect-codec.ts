/** The page's side: a codec that is elsewhere. */
import type { Codec } from '../codec.ts';
import type { DecodeOptions, EncodeOptions } from '../codec-options.ts';
import { CodecError } from '../errors.ts';
import { type FileBytes, type ImageSource, readImage } from '../options.ts';
import { decodeArriving } from '../progressive.ts';
import { type Answer, type Channel, end, listen, type Method, send } from './messages.ts';
import { unpackError } from './pack-error.ts';

/** Options of calls into a worker. */
export interface HandOverOptions {
  /** Memory that moves into the worker instead of being copied, as in `postMessage`, e.g. `[image.data.buffer]`; it is gone here. */
  readonly transfer?: readonly (ArrayBuffer | ImageBitmap | VideoFrame)[];
}

/** A codec in a worker. */
export interface WorkerCodec extends Codec {
  encode(image: ImageSource, options?: EncodeOptions & HandOverOptions): ReturnType<Codec['encode']>;
  decode(bytes: FileBytes | Blob, options?: DecodeOptions & HandOverOptions): ReturnType<Codec['decode']>;
  /** Frees the codec and ends the worker; calls that are under way fail with `CODEC_DISPOSED`. */
  dispose(): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/** What a call takes besides its arguments. */
interface Extras extends HandOverOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: never) => void) | undefined;
}

/**
 * Makes a codec of a worker that calls `serveCodec`. It has the interface of `createCodec`'s: results move here without
 * being copied, signals and progress work, and errors keep class, code and advice.
 *
 * @param worker  A worker of browsers or of Node, or a port to one; `dispose()` ends it.
 * @throws What opening the codec threw in the worker; CodecError `WORKER_FAILED` when the worker does not start; the signal's reason.
 *
 * @example
 * const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
 * const codec = await connectCodec(worker);
 * const { image } = await codec.decode(bytes, { channels: 4 });
 */
export async function connectCodec(
  worker: Channel,
  options: { readonly signal?: AbortSignal } = {},
): Promise<WorkerCodec> {
  const pending = new Map<number, Pending>();
  let [last, isDisposed]: [number, boolean] = [0, false];
  let failure: CodecError | undefined;

  const rejectAll = (reason: CodecError): void => {
    for (const { reject } of pending.values()) reject(reason);
    pending.clear();
  };
  const post = (method: Method, args: readonly unknown[], extras: Extras = {}): Promise<unknown> => {
    const { signal, onProgress, transfer } = extras;
    const call = ++last;
    const abort = (): void => {
      pending.get(call)?.reject(signal!.reason);
      pending.delete(call);
      send(worker, { call, abort: true });
    };
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (failure) throw failure;
      signal?.addEventListener('abort', abort);
      pending.set(call, { resolve, reject, onProgress });
      send(worker, { call, method, args, hasProgress: onProgress !== undefined }, transfer);
    }).finally(() => {
      signal?.removeEventListener('abort', abort);
      pending.delete(call);
    });
  };
  const use = async (method: Method, args: readonly unknown[], all: Extras = {}): Promise<never> => {
    if (isDisposed) throw disposed();
    const { signal, onProgress, transfer, ...rest } = all;
    return (await post(method, [...args, rest], { signal, onProgress, transfer })) as never;
  };

  const hello = new Promise<void>((resolve, reject) => {
    const onAnswer = (answer: Answer): void => {
      // Whatever the worker says, it listens: a call that came before it did is lost, its answer comes first then.
      resolve();
      if ('hello' in answer) return;
      const call = pending.get(answer.call);
      if ('progress' in answer) call?.onProgress?.(answer.progress as never);
      else if ('error' in answer) call?.reject(unpackError(answer.error));
      else call?.resolve(answer.result);
    };
    const onFailure = (reason: unknown, isOver: boolean): void => {
      const error = workerFailed(reason);
      reject(error);
      if (!isOver) return;
      failure = error;
      rejectAll(isDisposed ? disposed() : error);
    };
    listen(worker, onAnswer, onFailure);
  });
  // One of the two reaches it: at once, if it listens already; or when it says that it does.
  const ready = post('open', [], options);
  const again = hello.then(() => post('open', [], options));
  try {
    await Promise.race([ready, again]);
  } catch (error) {
    end(worker);
    throw error;
  } finally {
    for (const promise of [ready, again]) promise.catch(() => undefined);
  }

  const dispose = (): void => {
    if (isDisposed) return;
    isDisposed = true;
    rejectAll(disposed());
    post('dispose', [])
      .catch(() => undefined)
      .then(() => end(worker));
  };
  const decode: WorkerCodec['decode'] = (bytes, all) => use('decode', [bytes], all);
  return {
    encode: async (source, all) => {
      // Files and bitmaps are read over there; elements and canvases are not to be had outside of the page.
      const isSent = /^\[object (Blob|File|ImageBitmap|VideoFrame)\]$/.test(Object.prototype.toString.call(source));
      return use('encode', [isSent ? source : await readImage(source)], all);
    },
    decode,
    decodeProgressive: (stream, all = {}) => decodeArriving(decode, stream, all),
    decodeToIndices: (bytes, all) => use('decodeToIndices', [bytes], all),
    warmup: (width, height) => use('warmup', [width, height]),
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function disposed(): CodecError {
  return new CodecError({
    code: 'CODEC_DISPOSED',
    message: 'expected a codec that is in use, got one after dispose()',
    fix: 'Start a worker again, and dispose of its codec when the last call has ended',
  });
}

function workerFailed(reason: unknown): CodecError {
  return new CodecError({
    code: 'WORKER_FAILED',
    message: `expected a worker that calls serveCodec, got: ${reason instanceof Error ? reason.message : String(reason)}`,
    fix: 'Look at what the worker prints; start it as a module: new Worker(url, { type: "module" })',
    cause: reason,
  });
}
