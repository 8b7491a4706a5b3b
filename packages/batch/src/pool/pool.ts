/**
 * A pool of processes on this machine. Processes, since what a hostile picture brings down (a crash in a decoder, all of the memory)
 * is then one of them, which is known to have been at this picture; and since each has engine and memory of its own.
 */
import { availableParallelism, totalmem } from 'node:os';
import { Tinypool } from 'tinypool';
import { BatchError, checkNumber, milliseconds } from '../errors.ts';
import type { WorkResult, WorkTask } from './work.ts';

/** Options of `createPool`. */
export interface PoolOptions {
  /** Processes. Default: `defaultWorkers()`. */
  readonly workers?: number;
  /** Milliseconds after which an input is given up, from when its process began with it. Default an hour. */
  readonly timeoutMs?: number;
  /** Options of Node for the processes. Default: those of this one. */
  readonly execArgv?: readonly string[];
}

/** Processes that work on inputs. */
export interface WorkPool {
  readonly workers: number;
  /**
   * Works on one input. One at which a process dies is tried once more, and then fails with `WORKER_DIED`.
   *
   * @throws BatchError `WORK_UNUSABLE` when the work module does not open; then no other input can be worked on.
   */
  run(task: WorkTask): Promise<WorkResult>;
  /** Ends the processes; what is at work rejects. */
  dispose(): Promise<void>;
}

/** Bytes that a process may need: engine, weights, and a photo of twelve megapixels. */
const bytesPerWorker = 1.5e9;

/** One process per core, as far as the memory goes. */
export function defaultWorkers(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / bytesPerWorker)));
}

/** Threads of the engine in each of `workers` processes, so that all together are as many as there are cores. */
export function threadsFor(workers: number): number {
  return Math.max(1, Math.floor(availableParallelism() / workers));
}

/**
 * Starts processes.
 *
 * @param module  File that exports `defineWork(…)` as its default.
 * @throws BatchError `OPTIONS_INVALID`
 */
export function createPool(module: URL, options: PoolOptions = {}): WorkPool {
  const { workers = defaultWorkers(), timeoutMs = 3_600_000, execArgv } = options;
  checkNumber('workers', workers, { min: 1, max: 4096 });
  checkNumber('timeoutMs', timeoutMs, milliseconds);
  const pool = new Tinypool({
    filename: module.href,
    runtime: 'child_process',
    serialization: 'advanced', // bytes as bytes
    minThreads: workers,
    maxThreads: workers,
    env: process.env as Record<string, string>,
    ...(execArgv && { execArgv: [...execArgv] }),
  });
  // Processes that end do not keep this one alive, and it waits for them.
  const alive = setInterval(() => {}, 2 ** 30);
  let isDisposed = false;
  let reject: (error: Error) => void = () => {};
  const broken = new Promise<never>((_, fail) => {
    reject = fail;
  });
  broken.catch(() => undefined);
  // Reported here when no input was at work: the module does not even load.
  pool.on('error', (error: Error) => {
    reject(unusable(error));
    void pool.destroy().finally(() => clearInterval(alive));
  });

  const attempt = async (task: WorkTask): Promise<WorkResult | 'died'> => {
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // The one message of a process: it has begun.
    const postMessage = (): void => {
      timer ??= setTimeout(() => limit.abort(), timeoutMs);
    };
    try {
      return (await Promise.race([
        pool.run(task, { signal: limit.signal, channel: { postMessage } }),
        broken,
      ])) as WorkResult;
    } catch (error) {
      if (isDisposed || error instanceof BatchError) throw error;
      if (limit.signal.aborted)
        return { failure: { code: 'TIMED_OUT', message: `not done after ${timeoutMs / 1000} s` } };
      // The words of tinypool for a process that went away.
      if ((error as Error).message === 'Worker exited unexpectedly') return 'died';
      throw unusable(error);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    workers,
    run: async (task) => {
      for (let tries = 0; tries < 2; tries++) {
        const result = await attempt(task);
        if (result !== 'died') return result;
      }
      return { failure: { code: 'WORKER_DIED', message: 'the process that worked on it died, twice' } };
    },
    dispose: async () => {
      isDisposed = true;
      await pool.destroy();
      clearInterval(alive);
    },
  };
}

/** Errors of other processes arrive as plain objects: ours keep their code and advice. */
function unusable(cause: unknown): Error {
  const { code, message, fix } = cause as {
    readonly code?: unknown;
    readonly message?: string;
    readonly fix?: unknown;
  };
  if (typeof code === 'string' && typeof fix === 'string') return Object.assign(new Error(message), { code, fix });
  return new BatchError({
    code: 'WORK_UNUSABLE',
    message: `expected a work module that opens, got: ${message ?? String(cause)}`,
    fix: 'Try it on one input first',
    cause,
  });
}
