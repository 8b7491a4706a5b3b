/**
 * The worker as the page has it: opened when it is first needed, replaced when another place is chosen, when a device is lost,
 * or when it has to stop at once. The photo moves along.
 */
import { signal } from '@preact/signals';
import { proxy, type Remote, wrap } from 'comlink';
import type { BroughtKind } from '../worker/brought.ts';
import type { Engine } from '../worker/engine.ts';
import { type Place, type PlaceName, placeNames } from '../worker/place.ts';
import { weightsCache } from '../worker/transfer.ts';

/** The engine on the other side of the RPC. */
export type RemoteEngine = Remote<Engine>;

/** What the visitor chose: a place, or the best that works. */
export const chosen = signal<PlaceName | 'auto'>('auto');

/** Threads that there are for WebAssembly; more than one need an isolated page. */
export const maxThreads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, 8) : 1;
export const threads = signal(maxThreads);

/** The place in use; undefined until there is one. */
export const place = signal<Place | undefined>();

/** Why places were passed over, by their names. */
export const reasons = signal<Partial<Record<PlaceName, string>>>({});

/** Something to tell the visitor, beside what they did. */
export const notice = signal<string | undefined>();

/** How far the weights are, 0 to 1, while they come; kept ones come at once. */
export const weightsShare = signal<number | undefined>();

/** A worker, and what it is on the other side. */
export interface Connection {
  readonly worker: Worker;
  readonly remote: RemoteEngine;
  readonly ready: Promise<void>;
  /** Rejects when the worker is gone: whoever waits for an answer waits for this too. */
  readonly gone: Promise<never>;
  fail(error: Error): void;
}

let connection: Connection | undefined;
let carried: {
  readonly photo?: Blob | undefined;
  readonly weights?: Partial<Record<BroughtKind, readonly File[]>>;
} = {};

/** Files that a new worker opens first; weights beside those of other kinds. */
export function carry(files: typeof carried): void {
  carried = { ...carried, ...files, weights: { ...carried.weights, ...files.weights } };
}

/** What the worker was at when its device was lost is begun anew on the next place. */
class DeviceLostError extends Error {
  readonly code = 'DEVICE_LOST';
}

/** The worker was ended on purpose: what it was at comes to nothing. */
export class StoppedError extends Error {
  override readonly name = 'AbortError';
}

function spawn(): Connection {
  const worker = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module', name: 'vqkit' });
  const remote = wrap<Engine>(worker);
  let fail: (error: Error) => void = () => undefined;
  const gone = new Promise<never>((_, reject) => {
    fail = reject;
  });
  gone.catch(() => undefined);
  worker.onerror = (event) => fail(new Error(event.message || 'The worker does not start. Reload the page'));
  const ready = Promise.race([open(remote), gone]);
  ready.catch(() => undefined);
  const own = { worker, remote, ready, gone, fail };
  // told at once: calls that wait for the device may never hear of it
  ready
    .then(() => remote.lost())
    .then(
      (why) => leavePlace(own, new DeviceLostError(why)),
      () => undefined,
    );
  return own;
}

/** Opens the place that was chosen, or the first that works. */
async function open(remote: RemoteEngine): Promise<void> {
  const isAuto = chosen.value === 'auto';
  const names = placeNames.filter((name) => (isAuto ? !reasons.value[name] : name === chosen.value));
  let isOpening = true;
  const onShare = proxy((share: number) => {
    // the last one may come after the answer
    if (isOpening) weightsShare.value = share;
  });
  try {
    const found = await remote.start({ names, threads: threads.value, isSoftwareFine: !isAuto }, onShare);
    if (carried.photo) (await remote.openPhoto(carried.photo)).bitmap.close();
    for (const files of Object.values(carried.weights ?? {})) await remote.bring(files);
    place.value = found;
    reasons.value = { ...reasons.value, ...found.reasons };
  } finally {
    isOpening = false;
    weightsShare.value = undefined;
  }
}

/** The worker, open and with the photo in it. */
export async function connect(): Promise<Connection> {
  connection ??= spawn();
  try {
    await connection.ready;
  } catch (error) {
    disconnect();
    throw error;
  }
  return connection!;
}

/** Opens the worker while nobody waits for it, where an earlier visit kept the weights, so that nothing is fetched unasked. */
export async function connectEarly(): Promise<void> {
  if (!(await globalThis.caches?.has(weightsCache))) return;
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => void connect().catch(() => undefined));
}

/** Ends the worker, whatever it is at. The next call opens a new one. */
export function disconnect(why: Error = new StoppedError('Stopped')): void {
  const old = connection;
  connection = undefined;
  place.value = undefined;
  old?.worker.terminate();
  old?.fail(why);
}

/** After a device was lost: its place is passed over from now on, and the next one opens, with the photo. */
export function leavePlace(lost: Connection, why: Error): void {
  if (connection !== lost || place.value === undefined) return;
  const { name } = place.value;
  const say = (then: string): void => {
    notice.value = `${placeTitles[name]} was lost: ${why.message.replace(/\.$/, '')}. ${then}`;
  };
  reasons.value = { ...reasons.value, [name]: why.message };
  chosen.value = 'auto';
  say('The next place opens.');
  disconnect(why);
  connect().then(
    () => place.value && say(`${placeTitles[place.value.name]} goes on.`),
    (error) => say(messageOf(error)),
  );
}

/** Names for people. */
export const placeTitles: Record<PlaceName, string> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  webgl: 'WebGL',
  cpu: 'Plain JavaScript',
};

/** Chooses a place, or the best, and threads; what is at work stops. */
export function choosePlace(name: PlaceName | 'auto', count = threads.value): void {
  reasons.value = {};
  [chosen.value, threads.value] = [name, count];
  disconnect();
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
