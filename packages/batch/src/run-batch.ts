/**
 * A whole batch: lists its inputs, has every job done that is not, and reports. What is done stands in the store of the results, so
 * whoever starts the same batch again goes on where it stopped.
 */
import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { Lru } from '@vqkit/core';
import { type CountedWarning, countWarnings } from './count-warnings.ts';
import { BatchError, checkNumber } from './errors.ts';
import { type BatchItem, extensionOf, sourceOf } from './inputs/item.ts';
import { listInputs } from './inputs/list-inputs.ts';
import { type BatchJob, type BatchWork, type JobRecord, jobName, jobsOf, parseRecord, recordName } from './job.ts';
import { readRecord } from './run-job.ts';
import type { Shard } from './shards/shard-writer.ts';
import { openStore, parts, type Store } from './storage/store.ts';

/** How far a batch is. */
export interface BatchProgress {
  /** Inputs with results, those of earlier runs included. */
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** Since this run began. */
  readonly imagesPerSecond: number;
  /** `undefined` before anything is done. */
  readonly secondsLeft: number | undefined;
}

/** Has jobs done, here or elsewhere. */
export interface Executor {
  /** Jobs to give it at a time. */
  readonly concurrency: number;
  /** @param onItem  Called after an input; what it was not called for counts when the job is done. */
  execute(job: BatchJob, onItem: (isFailed: boolean) => void): Promise<JobRecord>;
}

/** Options of `runBatch`. */
export interface BatchOptions {
  /** As `listInputs` takes them. */
  readonly sources: readonly string[];
  readonly extensions: readonly string[];
  readonly work: BatchWork;
  /** Inputs a job, and so in a shard. */
  readonly jobSize: number;
  /** Extensions of the files that the work makes, in lower case: none of them may be put where an input lies. Default none. */
  readonly writes?: readonly string[];
  /** What the results depend on besides the inputs, such as weights: it becomes part of `manifest.json`, and a batch is gone on with only where it is the same. */
  readonly identity: object;
  /** Work again on jobs with failures. Default false. */
  readonly retryFailed?: boolean;
  /** Forget an earlier batch in the same place. Default false. */
  readonly restart?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BatchProgress) => void;
}

/** What became of a batch. */
export interface BatchReport {
  readonly images: number;
  readonly failed: number;
  /** Inputs that an earlier run had done. */
  readonly resumed: number;
  readonly bytes: number;
  readonly shards: readonly Shard[];
  /** What inputs with results were warned of, of this run and of earlier ones. */
  readonly warnings: readonly CountedWarning[];
  readonly seconds: number;
  /** Of this run. */
  readonly imagesPerSecond: number;
}

const encoder = new TextEncoder();

/** The manifest of the results, written when all are there; tells readers what they have. */
export const batchManifest = 'manifest.json';

/** One failure a line, in JSON; there only when something failed. */
export const failuresFile = 'failures.jsonl';

const planName = '.vqkit/plan.json';

/**
 * Runs a batch to its end.
 *
 * @throws BatchError `INPUTS_MISSING`, `INPUT_UNREADABLE`, `OUTPUT_UNWRITABLE`, `OUTPUT_IS_INPUT`, `OUTPUT_EXISTS`, `BATCH_DIFFERS`,
 *   `WORK_UNUSABLE`; the signal's reason.
 */
export async function runBatch(options: BatchOptions, executor: Executor): Promise<BatchReport> {
  const { jobSize, signal, onProgress = () => {}, retryFailed = false } = options;
  checkNumber('jobSize', jobSize, { min: 1, max: 1e6 });
  const store = openStore(options.work.output);
  const work = { ...options.work, output: store.location };
  const list = (): AsyncIterable<BatchItem> =>
    listInputs(options.sources, options.extensions, { except: store.location });
  const total = await countOf(apartFrom(store, list(), options), options, signal);
  await openPlan(store, options);

  const start = performance.now();
  const count = { done: 0, failed: 0, resumed: 0 };
  const now = (): number => Math.max(performance.now() - start, 1) / 1000;
  const speed = (): number => (count.done + count.failed - count.resumed) / now();
  const report = (): void => {
    const left = total - count.done - count.failed;
    onProgress({
      done: count.done,
      failed: count.failed,
      total,
      imagesPerSecond: speed(),
      secondsLeft: speed() > 0 ? left / speed() : undefined,
    });
  };
  const finish = async (job: BatchJob): Promise<void> => {
    const found = await readRecord(store, job);
    const isDone = found !== undefined && !(retryFailed && found.failures.length > 0);
    // Who works on it would take it for done.
    if (found && !isDone) await store.remove(recordName(job.index));
    const before = { done: 0, failed: 0 };
    const record = isDone
      ? found
      : await executor.execute(job, (isFailed) => {
          before[isFailed ? 'failed' : 'done']++;
          count[isFailed ? 'failed' : 'done']++;
          report();
        });
    count.done += record.images - before.done;
    count.failed += record.failures.length - before.failed;
    if (isDone) count.resumed += job.items.length;
    report();
  };
  const jobs = await inParallel(jobsOf(list(), { size: jobSize, work }), executor.concurrency, finish, signal);
  const results = await conclude(store, jobs, options);
  return { ...results, resumed: count.resumed, seconds: now(), imagesPerSecond: speed() };
}

async function countOf(
  items: AsyncIterable<BatchItem>,
  { sources, extensions }: BatchOptions,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  for await (const _ of items) {
    signal?.throwIfAborted();
    total++;
  }
  if (total > 0) return total;
  throw new BatchError({
    code: 'INPUTS_MISSING',
    message: `expected inputs (${extensions.join(', ')}) in ${sources.join(', ')}, got none`,
    fix: 'Check the paths',
  });
}

/** Passes inputs on, and makes sure that no result can be put in the place of one. @throws BatchError `OUTPUT_IS_INPUT` */
async function* apartFrom(
  store: Store,
  items: AsyncIterable<BatchItem>,
  { work, writes = [] }: BatchOptions,
): AsyncGenerator<BatchItem> {
  const written = [...writes, ...work.forms];
  const output = await realpath(store.location).catch(() => undefined);
  const folders = new Lru<string, Promise<boolean>>(100);
  const isInside = async (folder: string): Promise<boolean> => {
    const path = await realpath(folder).catch(() => '');
    return path === output || path.startsWith(`${output}${sep}`);
  };
  for await (const item of items) {
    const { at } = item;
    const isThere = async (): Promise<boolean> =>
      (store.location.endsWith('/') && at.startsWith(store.location)) ||
      (output !== undefined && folders.get(dirname(at), () => isInside(dirname(at))));
    if (written.includes(extensionOf(at)) && (await isThere())) {
      throw new BatchError({
        code: 'OUTPUT_IS_INPUT',
        message: `expected results apart from the inputs, got '${store.location}' for both: '${sourceOf(item)}' could be replaced`,
        fix: 'Name another folder for the results',
      });
    }
    yield item;
  }
}

/** Goes on with a batch only where it is the same one, and begins where nothing is lost by it. */
async function openPlan(store: Store, { work, jobSize, identity, restart = false }: BatchOptions): Promise<void> {
  const plan = `${JSON.stringify({ version: 1, forms: work.forms, jobSize, ...identity }, undefined, 2)}\n`;
  const bytes = await store.read(planName);
  const found = bytes && new TextDecoder().decode(bytes);
  if (found !== undefined && found !== plan && !restart) {
    throw new BatchError({
      code: 'BATCH_DIFFERS',
      message: `expected the options and weights of the batch that '${store.location}' holds (see ${planName} there), got others`,
      fix: 'Use the same ones, name another place for the results, or restart (--restart)',
    });
  }
  const firsts = [batchManifest, failuresFile, ...work.forms.map((form) => `${jobName(0)}.${form}`)];
  for (const name of found === undefined && !restart ? firsts : []) {
    if (!(await store.has(name))) continue;
    throw new BatchError({
      code: 'OUTPUT_EXISTS',
      message: `expected a place without '${name}' for a new batch, got '${store.location}', which has one of something else`,
      fix: 'Name another place for the results, or replace it (--restart)',
    });
  }
  if (restart) await forget(store, () => true);
  await store.write(planName, encoder.encode(plan));
}

/** Works on jobs, so many at a time. @returns How many there were. @throws The first error, once none is at work any more. */
async function inParallel<T>(
  jobs: AsyncIterable<T>,
  concurrency: number,
  work: (job: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<number> {
  const running = new Set<Promise<void>>();
  const failed: unknown[] = [];
  let count = 0;
  for await (const job of jobs) {
    if (failed.length > 0 || signal?.aborted) break;
    count++;
    const one: Promise<void> = work(job)
      .catch((error: unknown) => void failed.push(error))
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
  signal?.throwIfAborted();
  if (failed.length > 0) throw failed[0];
  return count;
}

function recordGone(store: Store, index: number): BatchError {
  return new BatchError({
    code: 'OUTPUT_UNWRITABLE',
    message: `expected '${recordName(index)}' in '${store.location}', which was there a moment ago, got none or a damaged one`,
    fix: 'Start the same batch again: it goes on',
  });
}

/** Drops records of jobs, with their shards. */
async function forget(store: Store, isOld: (record: string) => boolean): Promise<void> {
  for (const name of (await store.list('.vqkit/jobs/')).filter(isOld)) {
    for (const { file } of parseRecord(await store.read(name))?.shards ?? []) await store.remove(file);
    await store.remove(name);
  }
}

/** Reads all records in order, so that what is reported does not depend on who was done when; what earlier inputs left over goes. */
async function conclude(store: Store, jobs: number, { identity, work }: BatchOptions) {
  const lines: string[] = [];
  const shards: Shard[] = [];
  const warnings: CountedWarning[] = [];
  const sum = { images: 0, bytes: 0 };
  const valid = new Set<string>();
  for (let index = 0; index < jobs; index++) {
    valid.add(recordName(index));
    const record = parseRecord(await store.read(recordName(index)));
    if (record === undefined) throw recordGone(store, index);
    sum.images += record.images;
    sum.bytes += record.bytes;
    shards.push(...record.shards);
    warnings.push(...(record.warnings ?? []));
    for (const failure of record.failures) lines.push(JSON.stringify(failure));
  }
  await forget(store, (name) => !valid.has(name));
  if (lines.length > 0) await store.write(failuresFile, encoder.encode(`${lines.join('\n')}\n`));
  else await store.remove(failuresFile);
  await store.remove(parts); // of processes that were killed
  const manifest = {
    format: 'vqkit-batch',
    version: 1,
    forms: work.forms,
    ...identity,
    ...sum,
    failed: lines.length,
    shards,
  };
  await store.write(batchManifest, encoder.encode(`${JSON.stringify(manifest, undefined, 2)}\n`));
  return { ...sum, failed: lines.length, shards, warnings: countWarnings(warnings) };
}
