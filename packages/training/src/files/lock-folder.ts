/**
 * One run per folder. The lock is a file that names its process and is touched every few seconds: a lock of a process
 * that is gone, or that was not touched for long (its number went to another process), is taken over.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TrainingError } from '../errors.ts';
import { unwritable } from './write-whole.ts';

/** Name of the lock. */
const lockFile = '.lock';

const touchMs = 10_000;
/** Untouched for so long, a lock whose process seems to live is old: steps on a slow backend may block for a while. */
const oldMs = 300_000;

/** How often to try while others take an old lock over, a little later each time: five seconds in all. */
const maxAttempts = 100;

/** A folder that belongs to this run. */
export interface FolderLock {
  /** Gives the folder back; idempotent. */
  release(): Promise<void>;
}

/** Takes a folder. @throws TrainingError `RUN_LOCKED` while another run has it, `OUTPUT_UNWRITABLE` */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, lockFile);
  const own = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  await take(path, own);
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), touchMs);
  touch.unref();
  return {
    release: async () => {
      clearInterval(touch);
      if ((await readFile(path, 'utf8').catch(() => undefined)) === own) await rm(path, { force: true });
    },
  };
}

async function take(path: string, own: string): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (attempt > 0) await setTimeout(attempt);
    if (await create(path, own)) return;
    const held = await readFile(path, 'utf8').catch(() => undefined);
    if (held === undefined) continue; // Released in between.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (isAlive(held) && Date.now() - mtimeMs < oldMs) throw locked(path, held);
    await removeLock(path, held);
  }
  throw locked(path, await readFile(path, 'utf8').catch(() => ''));
}

/** Written beside its place and linked there, so that nobody reads half a lock. */
async function create(path: string, own: string): Promise<boolean> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, own, { flag: 'wx' });
    await link(part, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unwritable(path, cause);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

/**
 * Takes the old lock away. Whoever makes the guard may do it, after another look: so a run that was faster keeps its new
 * lock. The others come back later. A guard that its process left behind goes after a while.
 */
async function removeLock(path: string, held: string): Promise<void> {
  const guard = `${path}.guard`;
  try {
    await writeFile(guard, '', { flag: 'wx' });
  } catch {
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > touchMs) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === held) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function isAlive(held: string): boolean {
  try {
    const { pid, host } = JSON.parse(held) as { pid: number; host: string };
    if (host !== hostname()) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function locked(path: string, held: string): TrainingError {
  return new TrainingError({
    code: 'RUN_LOCKED',
    message: `expected a folder without another run, got the lock '${path}' of ${held}`,
    fix: 'Choose another folder, or stop the other run; if there is none, delete the lock',
  });
}
