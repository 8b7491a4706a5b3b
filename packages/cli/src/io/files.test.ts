import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutput, readInput, writeOutput } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = Uint8Array.of(1, 2, 3);

describe('writeOutput', () => {
  it('writes what readInput reads, and leaves nothing else behind', async () => {
    await writeOutput(join(folder, 'a.vqk'), bytes);
    expect([...(await readInput(join(folder, 'a.vqk')))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(['a.vqk']);
  });

  it('keeps the old file when it is stopped', async () => {
    const file = join(folder, 'a.vqk');
    await writeFile(file, 'old');
    await expect(writeOutput(file, bytes, AbortSignal.abort())).rejects.toThrow('abort');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.vqk']);
  });

  it.skipIf(process.platform === 'win32')(
    'replaces the file that a symbolic link points at, not the link',
    async () => {
      await writeFile(join(folder, 'target'), 'old');
      await symlink(join(folder, 'target'), join(folder, 'link'));
      await writeOutput(join(folder, 'link'), bytes);
      expect([...(await readFile(join(folder, 'target')))]).toEqual([1, 2, 3]);
    },
  );

  it.skipIf(process.platform === 'win32')('writes into devices instead of replacing them', async () => {
    await writeOutput('/dev/null', bytes);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('says when there is no such folder', async () => {
    await expect(writeOutput(join(folder, 'none', 'a.vqk'), bytes)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });
});

describe('checkOutput', () => {
  it('takes new files, existing files and standard output', async () => {
    await writeFile(join(folder, 'old'), '');
    await checkOutput(join(folder, 'old'));
    await checkOutput(join(folder, 'new'));
    await checkOutput('-');
  });

  it('refuses folders and places that do not exist', async () => {
    await mkdir(join(folder, 'inner'));
    for (const path of [join(folder, 'inner'), join(folder, 'none', 'a.vqk')]) {
      await expect(checkOutput(path)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    }
  });
});

describe('readInput', () => {
  it('names what it cannot read', async () => {
    const file = join(folder, 'none.png');
    await expect(readInput(file)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    await expect(readInput(file)).rejects.toThrow(file);
  });
});
