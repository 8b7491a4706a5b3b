/** Folders of small inputs and batches on them, for tests. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { type BatchOptions, createPool, type Executor, type ResultForm, runJob, type WorkPool } from '../index.ts';
import type { PoolOptions } from '../pool/pool.ts';

/** A new temporary folder with files. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-batch-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** The files below a folder with their contents, hidden ones aside. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path
      .slice(folder.length + 1)
      .split(sep)
      .join('/');
    if (entry.isFile() && !name.startsWith('.')) found[name] = (await readFile(path)).toString('latin1');
  }
  return found;
}

/** Deletes folders. */
export const removeAll = (...folders: string[]): Promise<unknown> =>
  Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));

/** Lets processes run TypeScript. */
export const loader = new URL('../../../../scripts/lib/typescript.mjs', import.meta.url).href;

/** A pool that runs the work of tests. */
export function testPool(options: PoolOptions = {}): WorkPool {
  return createPool(new URL('./work.ts', import.meta.url), { execArgv: ['--import', loader], ...options });
}

/** Has jobs done by a pool. */
export function onPool(pool: WorkPool): Executor {
  return { concurrency: 2, execute: (job, onItem) => runJob(job, pool, onItem) };
}

/** A batch of texts. */
export function textBatch(
  source: string,
  output: string,
  { forms = ['files'], options = {}, ...more }: Partial<BatchOptions> & { forms?: ResultForm[]; options?: object } = {},
): BatchOptions {
  return { sources: [source], extensions: ['in'], work: { options, forms, output }, jobSize: 4, identity: {}, ...more };
}
