/** The worker's side: a codec that is called from a page. */
import type { Codec } from '../codec.ts';
import type { CodecProgress } from '../codec-options.ts';
import { CodecError } from '../errors.ts';
import { type Answer, type Channel, listen, type Request, send } from './messages.ts';
import { packError } from './pack-error.ts';

/**
 * Offers a codec to whoever started this worker; `connectCodec` is the other side.
 *
 * @param open  Makes the codec; called at once. Its failure is that of `connectCodec`.
 * @param channel  Where calls come from. Default: the page, or the thread, that started this worker.
 * @throws CodecError `WORKER_FAILED` outside of a worker, without a channel.
 *
 * @example
 * serveCodec(async () => createCodec(photo, { backend: await webgpu() })); // all that worker.js has to do
 */
export function serveCodec(open: () => Codec | Promise<Codec>, channel: Channel = parentOf()): void {
  const opening = (async () => open())();
  opening.catch(() => undefined);
  const running = new Map<number, AbortController>();

  const run = async ({ method, args, hasProgress, call }: Extract<Request, { method: string }>): Promise<unknown> => {
    const codec = await opening;
    const { signal } = running.get(call)!;
    const onProgress = (progress: CodecProgress) => send(channel, { call, progress });
    const [input, options] = args as [never, object | undefined];
    const all = { ...options, signal, ...(hasProgress ? { onProgress } : {}) };
    if (method === 'encode' || method === 'decode' || method === 'decodeToIndices') return codec[method](input, all);
    if (method === 'warmup') return codec.warmup(...(args as [number, number]));
    if (method === 'dispose') codec.dispose();
    return undefined;
  };

  listen(channel, async (request: Request) => {
    const { call } = request;
    if ('abort' in request) return running.get(call)?.abort();
    running.set(call, new AbortController());
    const answer: Answer = await run(request).then(
      (result) => ({ call, result }),
      (error: unknown) => ({ call, error: packError(error) }),
    );
    running.delete(call);
    send(channel, answer, 'all');
  });
  send(channel, { hello: true });
}

/** Who started this worker: in Node a port, elsewhere what the global scope speaks to. */
function parentOf(): Channel {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  const parent = threads?.parentPort ?? globalThis;
  const isPage = typeof document !== 'undefined';
  if ('postMessage' in parent && !isPage) return parent as Channel;
  throw new CodecError({
    code: 'WORKER_FAILED',
    message: 'expected serveCodec to be called in a worker, got a page or a main thread',
    fix: "Call it in the worker's file, or pass a MessagePort",
  });
}
