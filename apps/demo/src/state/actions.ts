/**
 * Long actions: one at a time, the newest wins. An action that does not stop when it is told to loses its worker, so that nothing
 * that the visitor does has to wait for what they no longer want.
 */
import { signal } from '@preact/signals';
import { connect, disconnect, leavePlace, messageOf, type RemoteEngine, StoppedError } from './engine.ts';

/** What an action has to work with. */
export interface Work {
  readonly engine: RemoteEngine;
  readonly signal: AbortSignal;
  /** Says what is done now, and how far it is, 0 to 1, where that is known. */
  report(label: string, share?: number): void;
}

/** What is being done. */
export interface Busy {
  readonly label: string;
  readonly share: number | undefined;
}

/** How many wishes of the visitor are not fulfilled yet; each is one action or several. */
export const wishes = signal(0);

/** Counts a wish from the moment in which it is made to its end. */
export async function wish(run: () => Promise<unknown>): Promise<void> {
  wishes.value++;
  try {
    await run();
  } finally {
    wishes.value--;
  }
}

/** Parts of the page that show their own failures. */
export type Part = 'photo' | 'compress' | 'rivals' | 'inside' | 'damage' | 'enlarge' | 'quantize' | 'draw';

/** What is being done now. */
export const busy = signal<Busy | undefined>();

/** What went wrong last, by the part in which it happened. */
export const failures = signal<Partial<Record<Part, string>>>({});

/** How long an action may take to stop by itself, in milliseconds. */
const patience = 1500;

let running: { readonly abort: AbortController; readonly settled: Promise<void> } | undefined;

/** Stops what is at work, if need be with its worker. */
export async function stop(): Promise<void> {
  const old = running;
  if (old === undefined) return;
  old.abort.abort(new StoppedError('Stopped'));
  const isLate = await Promise.race([old.settled, new Promise<true>((done) => setTimeout(done, patience, true))]);
  if (isLate) disconnect();
  await old.settled;
}

/**
 * Runs an action in the place of the one before. What goes wrong is shown by the part of the page; a lost device moves
 * the action to the next place.
 *
 * @returns Whether it came to its end.
 */
export async function act(part: Part, action: (work: Work) => Promise<void>): Promise<boolean> {
  const abort = new AbortController();
  const before = stop();
  let settle: () => void = () => undefined;
  const own = { abort, settled: new Promise<void>((done) => (settle = done)) };
  running = own;
  await before;
  try {
    if (abort.signal.aborted) return false;
    failures.value = { ...failures.value, [part]: undefined };
    // what is told late, once this is over, is told to nobody
    const report = (label: string, share?: number): void => {
      if (running === own && !abort.signal.aborted) busy.value = { label, share };
    };
    await perform(action, { signal: abort.signal, report });
    return true;
  } catch (error) {
    if (!abort.signal.aborted) failures.value = { ...failures.value, [part]: messageOf(error) };
    return false;
  } finally {
    if (running === own) [running, busy.value] = [undefined, undefined];
    settle();
  }
}

async function perform(action: (work: Work) => Promise<void>, { signal, report }: Omit<Work, 'engine'>): Promise<void> {
  report('Opening');
  // a worker that opens goes on with that, whoever waits for it
  const stopped = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const connection = await Promise.race([connect(), stopped]);
  try {
    await Promise.race([action({ engine: connection.remote, signal, report }), connection.gone]);
  } catch (error) {
    if (signal.aborted || (error as { code?: string }).code !== 'DEVICE_LOST') throw error;
    leavePlace(connection, error as Error);
    await perform(action, { signal, report });
  }
}
