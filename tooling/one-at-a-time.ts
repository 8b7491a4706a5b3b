/**
 * Work that processes of one checkout must not do at the same time, such as building into `dist`: whoever comes second waits for the
 * first. A lock whose owner is gone is taken over.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../node_modules/.cache/vqkit', import.meta.url));

/** Whether a process runs. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Does `work` while no other process does work of the same name; resolves or rejects as it does. */
export async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, `${name}.lock`);
  const own = `${lock}.${process.pid}`;
  // A link to a file that says whose it is: so a lock is never there without its owner's name.
  writeFileSync(own, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(own, lock);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (!isAlive(ownerOf(lock))) rmSync(lock, { force: true });
        else await setTimeout(100);
      }
    }
    try {
      return await work();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** The process that holds a lock; this one where the lock has just gone. */
function ownerOf(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return process.pid;
  }
}
