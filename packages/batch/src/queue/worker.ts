/** A worker: takes jobs out of the queue, as long as it runs, and has them done by the pool of its machine. */
import { BatchError, reasonOf } from '../errors.ts';
import type { BatchJob } from '../job.ts';
import type { WorkPool } from '../pool/pool.ts';
import { readRecord, runJob } from '../run-job.ts';
import { resultForms } from '../shards/shard-writer.ts';
import { openStore } from '../storage/store.ts';
import { connectTo, queueName } from './connect.ts';

/** What became of a job that a worker had. */
export interface WorkerEvent {
  readonly job: number;
  readonly output: string;
  readonly images: number;
  readonly failed: number;
  /** Why it could not be done. */
  readonly error?: string;
}

/** Options of `startWorker`. */
export interface WorkerOptions {
  readonly pool: WorkPool;
  /** Options of the work that this machine decides, such as threads. */
  readonly override?: object;
  /** Milliseconds after which the job of a worker that is not heard of any more goes to another one. Default 30,000. */
  readonly lostAfterMs?: number;
  readonly onJob?: (event: WorkerEvent) => void;
}

/** A worker at work. */
export interface QueueWorker {
  /** Stops at once: what is not finished goes to others after `lostAfterMs`. */
  close(): Promise<void>;
}

/** Times that a job may lose its worker. */
const maxStalledCount = 20;

/**
 * Starts a worker. Whoever can write to this Redis decides what the worker reads and writes: it belongs into a network of one's own.
 *
 * @throws BatchError `PACKAGE_MISSING`
 */
export async function startWorker(url: string, options: WorkerOptions): Promise<QueueWorker> {
  const { pool, override = {}, lostAfterMs = 30_000, onJob = () => {} } = options;
  const { Worker, UnrecoverableError, connection, close } = await connectTo(url);
  let isClosed = false;
  const work = async (data: unknown): Promise<void> => {
    const job = checkJob(data);
    const { index, items, work: wanted } = job;
    const mine = { ...job, work: { ...wanted, options: { ...wanted.options, ...override } } };
    const about = { job: index, output: wanted.output };
    try {
      const { images, failures } = (await readRecord(openStore(wanted.output), job)) ?? (await runJob(mine, pool));
      onJob({ ...about, images, failed: failures.length });
    } catch (error) {
      // A job that is cut off by the end of this worker has not failed: it is found without a worker, and goes to another.
      if (isClosed) await new Promise(() => {});
      onJob({ ...about, images: 0, failed: items.length, error: reasonOf(error) });
      throw error;
    }
  };
  const worker = new Worker(
    queueName,
    ({ data }) =>
      work(data).catch((error) => {
        throw error instanceof BatchError && error.code === 'JOB_INVALID'
          ? new UnrecoverableError(error.message)
          : error;
      }),
    {
      connection: connection(),
      concurrency: 2, // none of the processes waits at the end of a job
      lockDuration: lostAfterMs,
      stalledInterval: lostAfterMs,
      maxStalledCount,
    },
  );
  worker.on('error', () => {}); // Redis is away; it comes back
  return {
    close: async () => {
      isClosed = true;
      await pool.dispose();
      await worker.close(true);
      close();
    },
  };
}

/** Checks what came out of the queue. @throws BatchError `JOB_INVALID` */
function checkJob(data: unknown): BatchJob {
  const { index, items, work } = (data ?? {}) as Partial<BatchJob>;
  const isJob =
    Number.isInteger(index) &&
    Array.isArray(items) &&
    items.every(
      (item) =>
        typeof item?.key === 'string' && typeof item.at === 'string' && !/(^|\/)\.\.?(\/|$)|^\/|\\/.test(item.key),
    ) &&
    typeof work?.output === 'string' &&
    typeof work.options === 'object' &&
    Array.isArray(work.forms) &&
    work.forms.every((form) => resultForms.includes(form));
  if (isJob) return data as BatchJob;
  throw new BatchError({
    code: 'JOB_INVALID',
    message: `expected a job with index, items and work, got ${JSON.stringify(data)?.slice(0, 200)}`,
    fix: 'Use the same version of vqkit on all machines, and this Redis for nothing else',
  });
}
