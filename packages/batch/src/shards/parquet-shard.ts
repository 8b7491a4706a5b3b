/** Parquet tables: `key`, `source`, the facts, and the lists of numbers, or the files as bytes where there are none. */
import { rm, stat } from 'node:fs/promises';
import { fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { sourceOf } from '../inputs/item.ts';
import type { Store } from '../storage/store.ts';
import type { ShardWriter } from './shard-writer.ts';

type Cell = string | number | Uint8Array | Uint16Array | Uint32Array;

/** Values that a group of rows holds in memory before it is written. */
const valuesPerGroup = 2 ** 20;

/** Opens a shard `<name>.parquet`. */
export async function parquetShard(name: string, store: Store): Promise<ShardWriter> {
  const part = await store.scratch();
  let writer: ParquetWriter | undefined;
  let rows: Record<string, Cell>[] = [];
  let values = 0;
  let images = 0;

  const flush = async (): Promise<void> => {
    const [first] = rows;
    if (first === undefined) return;
    writer ??= new ParquetWriter({ writer: fileWriter(part), schema: schemaOf(first) });
    const columnData = Object.keys(first).map((column) => ({
      name: column,
      data: rows.map(({ [column]: cell }) =>
        cell instanceof Uint16Array || cell instanceof Uint32Array ? [...cell] : cell,
      ),
    }));
    await writer.write({ columnData, rowGroupSize: rows.length });
    rows = [];
    values = 0;
  };
  return {
    add: async (item, { files, facts, lists }) => {
      const row = { key: item.key, source: sourceOf(item), ...facts, ...(lists ?? files) };
      rows.push(row);
      images++;
      values += Object.values(row).reduce<number>((sum, cell) => sum + (typeof cell === 'number' ? 1 : cell.length), 0);
      if (values > valuesPerGroup) await flush();
    },
    finish: async () => {
      await flush();
      if (writer === undefined) return undefined;
      await writer.finish();
      const { size } = await stat(part);
      await store.put(`${name}.parquet`, part);
      return { file: `${name}.parquet`, images, bytes: size };
    },
    abort: async () => {
      await writer?.finish();
      await rm(part, { force: true });
    },
  };
}

/** Column types by the values of a row. */
function schemaOf(row: Readonly<Record<string, Cell>>): SchemaElement[] {
  const required = { repetition_type: 'REQUIRED' } as const;
  const columns = Object.entries(row).map(([name, cell]): SchemaElement[] => {
    if (typeof cell === 'number') return [{ name, type: 'INT32', ...required }];
    if (typeof cell === 'string') return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', ...required }];
    if (cell instanceof Uint8Array) return [{ name, type: 'BYTE_ARRAY', ...required }];
    const converted_type = cell instanceof Uint16Array ? 'UINT_16' : 'UINT_32';
    return [
      { name, num_children: 1, converted_type: 'LIST', ...required },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'INT32', converted_type, ...required },
    ];
  });
  return [{ name: 'root', num_children: columns.length }, ...columns.flat()];
}
