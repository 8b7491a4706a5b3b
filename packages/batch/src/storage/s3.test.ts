/**
 * Batches whose inputs and results lie in S3-compatible storage, here a server on this machine. It knows keys, but its signatures are
 * those of the SDK before this one for buckets, so they are not compared.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from '@20minutes/s3rver';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runBatch } from '../index.ts';
import { contentsOf, folderOf, onPool, removeAll, testPool, textBatch } from '../testing/batch-of.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'vqkit-s3-'));
const server = new S3rver({
  ...{ address: '127.0.0.1', port: 0, directory: folder, silent: true, allowMismatchedSignatures: true },
  configureBuckets: [{ name: 'photos' }, { name: 'results' }],
});
const names = ['a', 'bb', 'deep/ccc', 'ä ü+%25'];

beforeAll(async () => {
  const { port } = await server.run();
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER'); // the server's own
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  const store = openStore('s3://photos/in');
  for (const name of names) await store.write(`${name}.in`, new TextEncoder().encode(`text ${name}`));
  await store.write('bad.in', new TextEncoder().encode('bad'));
  const tar = pack();
  for (const name of ['x.in', 'y.in']) tar.entry({ name }, `text ${name}`);
  tar.finalize();
  await store.write('archive.tar', await buffer(tar));
});
afterAll(async () => {
  server.httpServer.closeAllConnections();
  await server.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const nobody = { concurrency: 1, execute: () => Promise.reject(new Error('nothing is to be done')) };

/** What lies below a prefix, hidden files aside. */
async function objectsIn(location: string): Promise<Record<string, string>> {
  const store = openStore(location);
  const found = (await store.list('')).filter((name) => !name.startsWith('.'));
  const entries = found.map(async (name) => [name, Buffer.from((await store.read(name))!).toString('latin1')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

describe('a batch in S3-compatible storage', () => {
  it('has the results that it has in folders, from objects and from a tar, and goes on where it stopped', async () => {
    const pool = testPool({ workers: 2 });
    const local = await folderOf({});
    for (const forms of [['files'], ['tar', 'parquet']] as const) {
      const output = `s3://results/${forms[0]}`;
      const batch = textBatch('s3://photos/in', output, { forms: [...forms] });
      expect(await runBatch(batch, onPool(pool))).toMatchObject({ images: 6, failed: 1, resumed: 0 });
      const expected = textBatch('s3://photos/in', join(local, forms[0]), { forms: [...forms] });
      await runBatch(expected, onPool(pool));
      expect(await objectsIn(output)).toEqual(await contentsOf(join(local, forms[0])));
      expect(await runBatch(batch, onPool(pool))).toMatchObject({ images: 6, resumed: 7 });
    }
    expect(Object.keys(await objectsIn('s3://results/files'))).toEqual(
      expect.arrayContaining(['deep/ccc.txt', 'archive/y.txt', 'manifest.json', 'failures.jsonl']),
    );
    await pool.dispose();
    await removeAll(local);
  });

  it('reports an object that is not there, and the others have results', async () => {
    const pool = testPool({ workers: 1 });
    const list = await folderOf({ 'list.txt': 's3://photos/in/a.in\ns3://photos/in/gone.in\n' });
    const batch = textBatch(join(list, 'list.txt'), 's3://results/listed');
    expect(await runBatch(batch, onPool(pool))).toMatchObject({ images: 1, failed: 1 });
    const { 'failures.jsonl': failures } = await objectsIn('s3://results/listed');
    expect(JSON.parse(failures!)).toMatchObject({ at: 's3://photos/in/gone.in', code: 'INPUT_UNREADABLE' });
    await pool.dispose();
    await removeAll(list);
  });

  it('says which bucket is missing, of inputs and of results', async () => {
    await expect(runBatch(textBatch('s3://nowhere/in', 's3://results/x'), nobody)).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: expect.stringMatching(/s3:\/\/nowhere\/in.*bucket does not exist/),
    });
    await expect(runBatch(textBatch('s3://photos/in', 's3://nowhere/out'), nobody)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringMatching(/s3:\/\/nowhere\/out.*bucket does not exist/),
    });
  });

  it('says so when the key is wrong', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'wrong');
    vi.resetModules(); // there is one client a process
    const { runBatch: run } = await import('../index.ts');
    await expect(run(textBatch('s3://photos/in', 's3://results/y'), nobody)).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: expect.stringMatching(/access key/i),
    });
  });
});
