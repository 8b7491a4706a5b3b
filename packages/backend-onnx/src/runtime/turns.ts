/**
 * One thing at a time: onnxruntime-web cannot load, run or release while another call is under way, whichever backend
 * made it. So the calls of an engine take turns.
 */
import type { Engine } from './engine.ts';

// What belongs to an engine is kept with it, since several backends may share one.
const queues = new WeakMap<Engine, Promise<unknown>>();

/** Runs `work` after everything that was asked of this engine before, and passes on its result. */
export function takeTurn<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  const before = queues.get(engine) ?? Promise.resolve();
  const result = before.then(work);
  // Only the end matters to those that follow: a queue that kept results would keep megabytes from the collector.
  const end = (): void => {};
  queues.set(engine, result.then(end, end));
  return result;
}
