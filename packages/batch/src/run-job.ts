/** Works on one job: its inputs go to the pool, results come back in order, and when all are in place the record says so. */
import { countWarnings } from './count-warnings.ts';
import { type BatchJob, digestOf, type JobRecord, jobName, parseRecord, recordName } from './job.ts';
import type { WorkPool } from './pool/pool.ts';
import type { WorkOutput, WorkResult, WorkWarning } from './pool/work.ts';
import { openShard } from './shards/shard-writer.ts';
import { openStore, type Store } from './storage/store.ts';

/** Inputs of a job that are at work or wait for one before them, per process: bounds the memory. */
const ahead = 4;

/** The record of a job, if it is done with these very inputs. */
export async function readRecord(
  store: Store,
  { index, items }: Pick<BatchJob, 'index' | 'items'>,
): Promise<JobRecord | undefined> {
  const record = parseRecord(await store.read(recordName(index)));
  return record?.digest === digestOf(items) ? record : undefined;
}

/**
 * Works on a job. Doing it twice, also at once on two machines, leaves the same results once: they are named after inputs and job,
 * and each is put into its place whole.
 *
 * @param onItem  Called after each input.
 * @throws BatchError `OUTPUT_UNWRITABLE`, `WORK_UNUSABLE`
 */
export async function runJob(
  job: BatchJob,
  pool: WorkPool,
  onItem: (isFailed: boolean) => void = () => {},
): Promise<JobRecord> {
  const { index, items, work } = job;
  const store = openStore(work.output);
  const forms = work.forms.filter((form) => form !== 'files');
  const writeTo = forms.length === 0 ? store.location : undefined;
  const writers = await Promise.all(forms.map((form) => openShard(form, jobName(index), store)));
  const failures: JobRecord['failures'][number][] = [];
  const warnings: WorkWarning[] = [];
  let bytes = 0;
  const take = async (result: WorkResult, at: number): Promise<void> => {
    const item = items[at]!;
    if ('failure' in result) failures.push({ key: item.key, at: item.at, entry: item.entry, ...result.failure });
    else {
      bytes += result.bytes;
      warnings.push(...(result.warnings ?? []));
      for (const writer of writers) await writer.add(item, result as WorkOutput);
    }
    onItem('failure' in result);
  };
  try {
    const running: Promise<WorkResult>[] = [];
    for (let at = 0; at < items.length + ahead * pool.workers; at++) {
      if (at < items.length) {
        const result = pool.run({ item: items[at]!, options: work.options, writeTo });
        result.catch(() => undefined); // reported in its turn
        running.push(result);
      }
      const due = at - ahead * pool.workers + 1;
      if (due >= 0 && due < items.length) await take(await running.shift()!, due);
    }
    const shards = (await Promise.all(writers.map((writer) => writer.finish()))).filter((shard) => shard !== undefined);
    const total = shards.length > 0 ? shards.reduce((sum, shard) => sum + shard.bytes, 0) : bytes;
    const record = {
      index,
      digest: digestOf(items),
      images: items.length - failures.length,
      bytes: total,
      shards,
      failures,
      ...(warnings.length > 0 && { warnings: countWarnings(warnings) }),
    };
    await store.write(recordName(index), new TextEncoder().encode(`${JSON.stringify(record)}\n`));
    return record;
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abort().catch(() => undefined)));
    throw error;
  }
}
