/**
 * Has jobs done by workers on any number of machines. The queue only hands them out: a job is done when its record stands in the store of the results, so
 * nothing is lost with Redis, and a job that is handed out twice is done once.
 */

import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { BatchError, checkNumber, milliseconds } from '../errors.ts';
import { type BatchJob, digestOf, type JobRecord, jobName } from '../job.ts';
import type { Executor } from '../run-batch.ts';
import { readRecord } from '../run-job.ts';
import { openStore } from '../storage/store.ts';
import { type ConnectOptions, connectTo, queueName } from './connect.ts';

/** Options of `openQueue`. */
export interface QueueOptions extends ConnectOptions {
  /** Jobs in the queue at a time: bounds the memory of Redis. Default 1000. */
  readonly concurrency?: number;
  /** Is told when nobody works. */
  readonly onWarn?: (message: string) => void;
  /** Milliseconds between looks at jobs of which nothing was heard. Default 5000. */
  readonly sweepMs?: number;
}

/** Tries of a job whose worker reports that it could not be done. */
const attempts = 3;

/**
 * Opens a queue as an executor of `runBatch`.
 *
 * @param url  `redis://host:6379`, or `rediss://` with TLS.
 * @throws BatchError `OPTIONS_INVALID`, `PACKAGE_MISSING`, `QUEUE_UNREACHABLE`
 */
export async function openQueue(
  url: string,
  options: QueueOptions = {},
): Promise<Executor & { dispose(): Promise<void> }> {
  const { concurrency = 1000, onWarn = () => {}, sweepMs = 5000 } = options;
  checkNumber('concurrency', concurrency, { min: 1, max: 1e6 });
  checkNumber('sweepMs', sweepMs, milliseconds);
  const { Queue, QueueEvents, client, connection, close } = await connectTo(url, options);
  const queue = new Queue(queueName, { connection: client });
  const events = new QueueEvents(queueName, { connection: connection() });
  // Redis is away; it comes back.
  queue.on('error', () => {});
  events.on('error', () => {});
  const end = new AbortController();
  const ended = new Promise<never>((_, reject) =>
    end.signal.addEventListener('abort', () => reject(end.signal.reason)),
  );
  ended.catch(() => {}); // told to whoever waits
  /** What waits for a job: called without a reason when it is done, with one when every try failed. */
  const waiting = new Map<string, (reason?: string) => void>();
  events.on('completed', ({ jobId }) => waiting.get(jobId)?.());
  events.on('failed', ({ jobId, failedReason }) => waiting.get(jobId)?.(failedReason));
  const idle = { isWaiting: () => waiting.size > 0, countWorkers: () => queue.getWorkersCount() };
  void warnWhenIdle(idle, { onWarn, signal: end.signal, sweepMs });

  /** Puts a job into the queue unless it is there. */
  const hand = (id: string, job: BatchJob): Promise<unknown> => {
    const backoff = { type: 'exponential', delay: 1000 };
    return queue.add('job', job, { jobId: id, attempts, backoff, removeOnComplete: true, removeOnFail: true });
  };
  const work = async (job: BatchJob): Promise<JobRecord> => {
    const store = openStore(job.work.output);
    const id = idOf(job);
    for (;;) {
      end.signal.throwIfAborted();
      const news = new Promise<string | undefined>((resolve) => waiting.set(id, resolve));
      await hand(id, job);
      const pause = new AbortController();
      const reason = await Promise.race([
        news,
        setTimeout(sweepMs, undefined, { signal: pause.signal }).catch(() => undefined),
      ]);
      pause.abort();
      waiting.delete(id);
      const record = await readRecord(store, job);
      if (record !== undefined) return record;
      if (reason !== undefined) throw jobFailed(job, reason);
      // Gone without a record, Redis has lost it: it is handed over again. While it is there that does nothing.
    }
  };
  return {
    concurrency,
    execute: async (job) => {
      try {
        return await Promise.race([work(job), ended]);
      } catch (error) {
        end.abort(error); // the other jobs are not waited for
        throw error;
      }
    },
    dispose: async () => {
      end.abort(new Error('the queue was closed'));
      // While Redis is away closing waits for it.
      await Promise.race([
        Promise.allSettled([events.close(), queue.close()]),
        setTimeout(2000, undefined, { ref: false }),
      ]);
      close();
    },
  };
}

function jobFailed({ index, items }: BatchJob, reason: string): BatchError {
  return new BatchError({
    code: 'JOB_FAILED',
    message: `expected job ${index}, of ${items.length} inputs, to be done in ${attempts} tries, got: ${reason}`,
    fix: 'Mend what is wrong at the worker and start the same batch again: it goes on',
  });
}

/** The same job of the same batch has the same name, whoever puts it into the queue. */
function idOf(job: BatchJob): string {
  const batch = createHash('sha256')
    .update(JSON.stringify(job.work))
    .update(digestOf(job.items))
    .digest('hex')
    .slice(0, 32);
  return `${batch}-${jobName(job.index)}`;
}

/** Says so once when jobs wait and no worker is there. */
async function warnWhenIdle(
  { isWaiting, countWorkers }: { isWaiting(): boolean; countWorkers(): Promise<number> },
  {
    onWarn,
    signal,
    sweepMs,
  }: { onWarn(message: string): void; readonly signal: AbortSignal; readonly sweepMs: number },
): Promise<void> {
  while (!signal.aborted) {
    await setTimeout(sweepMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted || !isWaiting() || (await countWorkers().catch(() => 1)) > 0) continue;
    return onWarn('no worker is there: start one with vqkit worker --queue, on this machine or another');
  }
}
