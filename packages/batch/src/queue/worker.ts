/** A worker: takes jobs out of the queue, as long as it runs, and has them done by the pool of its machine. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { BatchError, checkNumber, milliseconds, reasonOf } from '../errors.ts';
import type { BatchJob } from '../job.ts';
import type { WorkPool } from '../pool/pool.ts';
import { readRecord, runJob } from '../run-job.ts';
import { resultForms } from '../shards/shard-writer.ts';
import { isSafeName, openStore } from '../storage/store.ts';
import { type ConnectOptions, connectTo, queueName } from './connect.ts';

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
export interface WorkerOptions extends ConnectOptions {
  readonly pool: WorkPool;
  /** Options of the work that this machine decides, such as threads. */
  readonly override?: object;
  /** Milliseconds after which the job of a worker that is not heard of any more goes to another one. Default 30,000. */
  readonly lostAfterMs?: number;
  /** A folder outside of which nothing is read or written, and no URL either: jobs that name anything else are refused. */
  readonly within?: string;
  /** Throws where this machine does not take the options of a job's work; the job is refused with the reason. */
  readonly checkOptions?: (options: object) => void | Promise<void>;
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
 * Starts a worker. Whoever can write to this Redis decides what the worker reads and writes: it belongs into a network of one's own, and
 * `within` draws a line.
 *
 * @throws BatchError `OPTIONS_INVALID`, `PACKAGE_MISSING`, `QUEUE_UNREACHABLE`
 */
export async function startWorker(url: string, options: WorkerOptions): Promise<QueueWorker> {
  const { pool, override = {}, lostAfterMs = 30_000, within, checkOptions, onJob = () => {} } = options;
  checkNumber('lostAfterMs', lostAfterMs, milliseconds);
  const { Worker, UnrecoverableError, client, close } = await connectTo(url, options);
  let isClosed = false;
  const work = async (data: unknown): Promise<void> => {
    const job = checkJob(data);
    const { index, items, work: wanted } = job;
    const mine = { ...job, work: { ...wanted, options: { ...wanted.options, ...override } } };
    const about = { job: index, output: wanted.output };
    try {
      await accept(mine, { within, checkOptions });
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
      connection: client,
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
        typeof item?.key === 'string' &&
        typeof item.at === 'string' &&
        isSafeName(item.key) &&
        !/(^|\/)\./.test(item.key),
    ) &&
    typeof work?.output === 'string' &&
    typeof work.options === 'object' &&
    work.options !== null &&
    Array.isArray(work.forms) &&
    work.forms.every((form) => resultForms.includes(form));
  if (isJob) return data as BatchJob;
  throw refused(
    `a job with index, items and work, got ${JSON.stringify(data)?.slice(0, 200)}`,
    'Use the same version of vqkit on all machines, and this Redis for nothing else',
  );
}

function refused(expectedAndGot: string, fix: string, cause?: unknown): BatchError {
  return new BatchError({ code: 'JOB_INVALID', message: `expected ${expectedAndGot}`, fix, cause });
}

/** Takes only jobs that stay where this machine lets them. @throws BatchError `JOB_INVALID` */
async function accept(
  { items, work }: BatchJob,
  { within, checkOptions }: Pick<WorkerOptions, 'within' | 'checkOptions'>,
): Promise<void> {
  try {
    await checkOptions?.(work.options);
  } catch (cause) {
    throw refused(`options that this worker takes, got: ${reasonOf(cause)}`, 'See how it was started', cause);
  }
  if (within === undefined) return;
  const root = await realpath(within);
  for (const path of [work.output, ...items.map(({ at }) => at)]) {
    const real = await realPlace(path);
    if (real === root || real?.startsWith(root.endsWith(sep) ? root : root + sep)) continue;
    throw refused(
      `inputs and results in '${within}', got '${path}'`,
      'Start the worker with another folder, or move them there',
    );
  }
}

/** Where a path leads through links, also one that is not there yet; nowhere for URLs and relative paths. */
async function realPlace(path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  const found = await realpath(path).catch(() => undefined);
  if (found !== undefined || dirname(path) === path) return found;
  const above = await realPlace(dirname(path));
  return above && join(above, basename(path));
}
