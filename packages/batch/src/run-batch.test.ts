import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { parquetReadObjects } from 'hyparquet';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBatch, type WorkPool } from './index.ts';
import { contentsOf, folderOf, onPool, removeAll, testPool, textBatch } from './testing/batch-of.ts';

const names = ['a', 'bb', 'ccc', 'dd', 'e', 'fff', 'g', 'hh', 'iii', 'j'];
let inputs: string;
let pool: WorkPool;
const made: string[] = [];

/** A new, empty place for results. */
async function place(): Promise<string> {
  const folder = await folderOf({});
  made.push(folder);
  return folder;
}

beforeAll(async () => {
  inputs = await folderOf(Object.fromEntries(names.map((name) => [`${name}.in`, `text ${name}`])));
  pool = testPool({ workers: 2 });
});
afterAll(async () => {
  await pool.dispose();
  await removeAll(inputs, ...made);
});

describe('runBatch', () => {
  it('makes a file of each input, named after it, and a manifest', async () => {
    const output = await place();
    const events: number[] = [];
    const report = await runBatch(
      textBatch(inputs, output, { onProgress: ({ done }) => events.push(done) }),
      onPool(pool),
    );
    expect(report).toMatchObject({ images: 10, failed: 0, resumed: 0, shards: [] });
    const { 'manifest.json': manifest, ...files } = await contentsOf(output);
    expect(files).toEqual(Object.fromEntries(names.map((name) => [`${name}.txt`, `TEXT ${name.toUpperCase()}`])));
    expect(JSON.parse(manifest!)).toMatchObject({ format: 'vqkit-batch', images: 10, failed: 0 });
    expect(Math.max(...events)).toBe(10);
  });

  it('gives the same shards whatever the number of processes and the order of the work', async () => {
    const one = testPool({ workers: 1 });
    const found = [];
    for (const [workers, slowMs] of [
      [one, 0],
      [pool, 20],
    ] as const) {
      const output = await place();
      await runBatch(textBatch(inputs, output, { forms: ['tar', 'parquet'], options: { slowMs } }), onPool(workers));
      found.push(await contentsOf(output));
    }
    await one.dispose();
    const { 'manifest.json': _, ...shards } = found[0]!;
    expect(Object.keys(shards)).toHaveLength(6);
    expect(found[1]).toEqual(found[0]);
  });

  it('writes WebDataset samples in the order of the inputs, and Parquet rows with lists', async () => {
    const output = await place();
    await runBatch(textBatch(inputs, output, { forms: ['tar', 'parquet'] }), onPool(pool));
    const entries: Record<string, string> = {};
    const tar = Readable.from([await readFile(join(output, '0000001.tar'))]).pipe(extract());
    for await (const entry of tar) {
      let text = '';
      for await (const chunk of entry) text += chunk;
      entries[entry.header.name] = text;
    }
    expect(Object.keys(entries)).toEqual(['e', 'fff', 'g', 'hh'].flatMap((key) => [`${key}.txt`, `${key}.json`]));
    expect(JSON.parse(entries['fff.json']!)).toEqual({ key: 'fff', source: join(inputs, 'fff.in'), length: 8 });
    const { buffer } = new Uint8Array(await readFile(join(output, '0000001.parquet')));
    const rows = await parquetReadObjects({ file: buffer as ArrayBuffer });
    expect(rows.map(({ key, length, codes }) => [key, length, String.fromCharCode(...codes)])).toEqual(
      ['e', 'fff', 'g', 'hh'].map((key) => [key, 5 + key.length, `TEXT ${key.toUpperCase()}`]),
    );
  });

  it('reports what failed, also what brings a process down or never ends, and does all the rest', async () => {
    const mixed = await folderOf({
      'a.in': 'fine',
      'b.in': 'bad',
      'c.in': 'poison',
      'd.in': 'fine too',
      'e.in': 'endless',
      'f.in': 'end',
    });
    const output = await place();
    made.push(mixed);
    const patient = testPool({ workers: 2, timeoutMs: 15_000 });
    const report = await runBatch(textBatch(mixed, output), onPool(patient));
    await patient.dispose();
    expect(report).toMatchObject({ images: 3, failed: 3 });
    const { 'failures.jsonl': failures, ...files } = await contentsOf(output);
    expect(Object.keys(files).sort()).toEqual(['a.txt', 'd.txt', 'f.txt', 'manifest.json']);
    const lines = failures!
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ key, code }) => [key, code])).toEqual([
      ['b', 'BAD'],
      ['c', 'WORKER_DIED'],
      ['e', 'TIMED_OUT'],
    ]);
    expect(lines[0]).toMatchObject({ at: join(mixed, 'b.in'), message: 'no picture' });
    // Once mended, only jobs with failures are worked on again.
    for (const name of ['b', 'c', 'e']) await writeFile(join(mixed, `${name}.in`), 'mended');
    const again = await runBatch(textBatch(mixed, output, { retryFailed: true }), onPool(pool));
    expect(again).toMatchObject({ images: 6, failed: 0, resumed: 0 });
    expect(await contentsOf(output)).not.toHaveProperty(['failures.jsonl']);
  });

  it('goes on where it was stopped', async () => {
    const output = await place();
    const stop = new AbortController();
    let started = 0;
    const counting = (limit: number) => ({
      concurrency: 1,
      execute: (...args: Parameters<ReturnType<typeof onPool>['execute']>) => {
        started++;
        if (started === limit) stop.abort(new Error('stopped'));
        return onPool(pool).execute(...args);
      },
    });
    await expect(runBatch(textBatch(inputs, output, { signal: stop.signal }), counting(2))).rejects.toThrow('stopped');
    expect(started).toBe(2);
    const report = await runBatch(textBatch(inputs, output), counting(0));
    expect(report).toMatchObject({ images: 10, resumed: 8 });
    expect(started).toBe(3);
  });

  it('refuses to mix two batches, forgets the first when told to, and drops shards of inputs that are gone', async () => {
    const output = await place();
    const shrinking = await folderOf(Object.fromEntries(names.map((name) => [`${name}.in`, name])));
    made.push(shrinking);
    const batch = (more: object) => textBatch(shrinking, output, { forms: ['tar'], ...more });
    await runBatch(batch({ identity: { bpp: 1 } }), onPool(pool));
    await expect(runBatch(batch({ identity: { bpp: 2 } }), onPool(pool))).rejects.toMatchObject({
      code: 'BATCH_DIFFERS',
    });
    for (const name of names.slice(3)) await rm(join(shrinking, `${name}.in`));
    const report = await runBatch(batch({ identity: { bpp: 2 }, restart: true }), onPool(pool));
    expect(report).toMatchObject({ images: 3, resumed: 0 });
    expect(Object.keys(await contentsOf(output)).sort()).toEqual(['0000000.tar', 'manifest.json']);
  });

  it('refuses numbers that are none', async () => {
    const output = await place();
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '4', null] as number[]) {
      const batch = { ...textBatch(inputs, output), jobSize: value };
      await expect(runBatch(batch, onPool(pool)), String(value)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
      expect(() => testPool({ workers: value }), String(value)).toThrow(/expected workers to be a whole number/);
    }
    expect(() => testPool({ timeoutMs: Number.NaN })).toThrow(/timeoutMs/);
  });

  it('never puts a result in the place of an input or of another file', async () => {
    const folder = await folderOf({ 'a.in': 'a', 'b.txt': 'mine' });
    made.push(folder);
    const alike = { ...textBatch(folder, folder), extensions: ['in', 'txt'], writes: ['txt'] };
    await expect(runBatch(alike, onPool(pool))).rejects.toMatchObject({ code: 'OUTPUT_IS_INPUT' });
    await symlink(folder, join(await place(), 'link'));
    const linked = { ...alike, work: { ...alike.work, output: join(made.at(-1)!, 'link') } };
    await expect(runBatch(linked, onPool(pool))).rejects.toMatchObject({ code: 'OUTPUT_IS_INPUT' });
    expect(await contentsOf(folder)).toEqual({ 'a.in': 'a', 'b.txt': 'mine' });
    // Below the inputs they are not taken for inputs when the batch goes on.
    const below = { ...alike, work: { ...alike.work, output: join(folder, 'results') } };
    expect(await runBatch(below, onPool(pool))).toMatchObject({ images: 2 });
    expect(await runBatch(below, onPool(pool))).toMatchObject({ images: 2, resumed: 2 });
    for (const name of ['manifest.json', 'failures.jsonl', '0000000.tar']) {
      const output = await folderOf({ [name]: 'mine' });
      made.push(output);
      const batch = textBatch(inputs, output, { forms: ['tar'] });
      await expect(runBatch(batch, onPool(pool)), name).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
      expect(await contentsOf(output)).toEqual({ [name]: 'mine' });
    }
  });

  it('works again on jobs whose records are damaged, and removes nothing that one names outside', async () => {
    const output = await place();
    const outside = await folderOf({ 'mine.txt': 'mine' });
    made.push(outside);
    const batch = textBatch(inputs, output, { forms: ['tar'] });
    await runBatch(batch, onPool(pool));
    const expected = await contentsOf(output);
    const record = (index: number) => join(output, `.vqkit/jobs/000000${index}.json`);
    const whole = JSON.parse(await readFile(record(1), 'utf8'));
    await writeFile(record(0), '{"index":0,');
    await writeFile(record(1), JSON.stringify({ ...whole, shards: [{ file: `../${basename(outside)}/mine.txt` }] }));
    await writeFile(record(2), 'null');
    expect(await runBatch(batch, onPool(pool))).toMatchObject({ images: 10, resumed: 0 });
    expect(await contentsOf(output)).toEqual(expected);
    await writeFile(record(1), JSON.stringify({ ...whole, shards: [{ file: `../${basename(outside)}/mine.txt` }] }));
    await runBatch({ ...batch, restart: true }, onPool(pool));
    expect(await contentsOf(outside)).toEqual({ 'mine.txt': 'mine' });
  });

  it('ends with what is wrong when there are no inputs, or no work can be done at all', async () => {
    const output = await place();
    await expect(runBatch(textBatch(output, output), onPool(pool))).rejects.toMatchObject({ code: 'INPUTS_MISSING' });
    await expect(runBatch(textBatch(join(inputs, 'x'), output), onPool(pool))).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
    });
    const broken = textBatch(inputs, output, { options: { isBroken: true } });
    await expect(runBatch(broken, onPool(pool))).rejects.toMatchObject({
      code: 'WEIGHTS_UNUSABLE',
      fix: 'Install them',
    });
  });
});
