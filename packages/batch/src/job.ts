/** Jobs: a number of inputs in a row, whose results are one shard. Their bounds depend on the inputs alone, never on who works when. */
import { createHash } from 'node:crypto';
import type { CountedWarning } from './count-warnings.ts';
import type { BatchItem } from './inputs/item.ts';
import type { Failure } from './pool/work.ts';
import type { ResultForm, Shard } from './shards/shard-writer.ts';
import { isSafeName } from './storage/store.ts';

/** What is to be done with every input of a batch: JSON. */
export interface BatchWork {
  /** Options that the work module opens with. */
  readonly options: object;
  readonly forms: readonly ResultForm[];
  /** Store of the results: an absolute path or an `s3://` URL. */
  readonly output: string;
}

/** A piece of a batch. */
export interface BatchJob {
  readonly index: number;
  readonly items: readonly BatchItem[];
  readonly work: BatchWork;
}

/** What became of a job: there when all of its results are. */
export interface JobRecord {
  readonly index: number;
  /** Digest of the inputs that it was made from. */
  readonly digest: string;
  /** Inputs with results. */
  readonly images: number;
  /** Bytes of the results. */
  readonly bytes: number;
  readonly shards: readonly Shard[];
  readonly failures: readonly (Failure & Pick<BatchItem, 'key' | 'at' | 'entry'>)[];
  /** Records of earlier versions have none. */
  readonly warnings?: readonly CountedWarning[];
}

/** A job's number as names have it; names sort like numbers up to ten million jobs. */
export function jobName(index: number): string {
  return String(index).padStart(7, '0');
}

/** Name of a job's record in the store. */
export function recordName(index: number): string {
  return `.vqkit/jobs/${jobName(index)}.json`;
}

/** What stands in a record; `undefined` for one that is damaged, whose job counts as not done. */
export function parseRecord(bytes: Uint8Array | undefined): JobRecord | undefined {
  try {
    const record = JSON.parse(new TextDecoder().decode(bytes)) as JobRecord;
    const { index, digest, images, bytes: size, shards, failures, warnings = [] } = record;
    const isRecord =
      [index, images, size].every((value) => Number.isInteger(value) && value >= 0) &&
      typeof digest === 'string' &&
      Array.isArray(failures) &&
      warnings.every((one) => typeof one?.message === 'string' && Number.isInteger(one.inputs)) &&
      shards.every(({ file }) => typeof file === 'string' && isSafeName(file));
    return isRecord ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a job's inputs are still those that a record speaks of. */
export function digestOf(items: readonly BatchItem[]): string {
  return createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 32);
}

/** Cuts inputs into jobs of `size`. */
export async function* jobsOf(
  items: AsyncIterable<BatchItem>,
  { size, work }: { readonly size: number; readonly work: BatchWork },
): AsyncGenerator<BatchJob> {
  let index = 0;
  let next: BatchItem[] = [];
  for await (const item of items) {
    next.push(item);
    if (next.length < size) continue;
    yield { index: index++, items: next, work };
    next = [];
  }
  if (next.length > 0) yield { index, items: next, work };
}
