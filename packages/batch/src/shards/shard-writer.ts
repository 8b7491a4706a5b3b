/** Forms of results: a file for each input, or shards of many. */
import type { BatchItem } from '../inputs/item.ts';
import type { WorkOutput } from '../pool/work.ts';
import type { Store } from '../storage/store.ts';
import { parquetShard } from './parquet-shard.ts';
import { tarShard } from './tar-shard.ts';

/** `files`: each result by itself. `tar`: WebDataset shards. `parquet`: tables. */
export const resultForms = ['files', 'tar', 'parquet'] as const;

/** One of `resultForms`. */
export type ResultForm = (typeof resultForms)[number];

/** A shard that was written. */
export interface Shard {
  /** Name in the store. */
  readonly file: string;
  readonly images: number;
  readonly bytes: number;
}

/** Writes the results of one job, in order. */
export interface ShardWriter {
  add(item: BatchItem, output: WorkOutput): Promise<void>;
  /** Puts the shard into its place, if there is anything in it. The same results give the same bytes. */
  finish(): Promise<Shard | undefined>;
  /** Drops what was made so far. */
  abort(): Promise<void>;
}

/** A writer for one of the forms that make shards. */
export async function openShard(form: Exclude<ResultForm, 'files'>, name: string, store: Store): Promise<ShardWriter> {
  return (form === 'tar' ? tarShard : parquetShard)(name, store);
}
