import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './lock-folder.ts';

describe('lockFolder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const holder = (pid: number, host = hostname()): Promise<void> =>
    writeFile(join(folder, '.lock'), JSON.stringify({ pid, host, token: 'x' }));
  /** Number of a process that is gone. */
  const gone = (): number => spawnSync(process.execPath, ['--version']).pid;

  it('gives a folder to one at a time', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'RUN_LOCKED' });
    await lock.release();
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  it('takes over from a process that is gone, and from a lock that is no lock', async () => {
    await holder(gone());
    await (await lockFolder(folder)).release();
    await writeFile(join(folder, '.lock'), '');
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('believes a fresh lock of a living process or another machine, and no old one', async () => {
    for (const [pid, host] of [
      [process.ppid, hostname()],
      [gone(), 'elsewhere'],
    ] as const) {
      await holder(pid, host);
      await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'RUN_LOCKED' });
      const longAgo = new Date(Date.now() - 3_600_000);
      await utimes(join(folder, '.lock'), longAgo, longAgo);
      await (await lockFolder(folder)).release();
    }
  });

  it('lets one win when many find an old lock at the same time', async () => {
    for (let i = 0; i < 50; i++) {
      await holder(gone());
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(won).toHaveLength(1);
      for (const lock of won) await lock.release();
    }
  });
});
