import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePipe } from '../../../../tooling/make-pipe.ts';
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
    await writeFile(join(folder, 'older.vqk'), 'vqk…');
    for (const name of ['old', 'new', 'older.vqk']) await checkOutput(join(folder, name), { kind: 'vqk' });
    await checkOutput('-', { kind: 'vqk', inputs: ['-'] });
  });

  it('refuses folders and places that do not exist', async () => {
    await mkdir(join(folder, 'inner'));
    for (const path of [join(folder, 'inner'), join(folder, 'none', 'a.vqk')]) {
      await expect(checkOutput(path, { kind: 'vqk' })).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    }
  });
});

describe('checkOutput, for what others own', () => {
  it.each([
    ['the input itself', 'photo.jpg'],
    ['a link to it', 'link.jpg'],
    ['a hard link', 'twin.jpg'],
    ['another spelling', 'inner/../photo.jpg'],
  ])('refuses %s as output, forced or not', async (_, name) => {
    const input = join(folder, 'photo.jpg');
    await writeFile(input, 'photo');
    await mkdir(join(folder, 'inner'));
    await symlink(input, join(folder, 'link.jpg'));
    await link(input, join(folder, 'twin.jpg'));
    const check = checkOutput(`${folder}/${name}`, { kind: 'vqk', inputs: ['-', input], force: true });
    await expect(check).rejects.toMatchObject({ code: 'OUTPUT_IS_INPUT', exitCode: 2 });
    expect(await readFile(input, 'utf8')).toBe('photo');
  });

  it('asks for force before a file of another kind is replaced', async () => {
    const file = join(folder, 'thesis.vqk');
    await writeFile(file, 'written for years');
    const refused = { code: 'OUTPUT_EXISTS', exitCode: 2 };
    await expect(checkOutput(file, { kind: 'vqk' })).rejects.toMatchObject(refused);
    await expect(checkOutput(file, { kind: 'png' })).rejects.toMatchObject(refused);
    await checkOutput(file, { kind: 'text' });
    await checkOutput(file, { kind: 'vqk', force: true });
  });

  it('finds names that are too long before the work, and takes those that just fit', async () => {
    await expect(checkOutput(join(folder, `${'a'.repeat(300)}.vqk`), { kind: 'vqk' })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    const longest = join(folder, `${'a'.repeat(251)}.vqk`); // 255 bytes
    await checkOutput(longest, { kind: 'vqk' });
    await writeOutput(longest, bytes);
    expect([...(await readFile(longest))]).toEqual([1, 2, 3]);
  });

  it('follows links that lead to files not there yet, and names circles', async () => {
    await symlink('later.vqk', join(folder, 'now.vqk'));
    await checkOutput(join(folder, 'now.vqk'), { kind: 'vqk' });
    await writeOutput(join(folder, 'now.vqk'), bytes);
    expect([...(await readFile(join(folder, 'later.vqk')))]).toEqual([1, 2, 3]);
    expect((await lstat(join(folder, 'now.vqk'))).isSymbolicLink()).toBe(true);
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    await expect(checkOutput(join(folder, 'a'), { kind: 'vqk' })).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

describe('readInput', () => {
  it('leaves a pipe into which nobody writes when it is told to', async () => {
    const pipe = join(folder, 'pipe');
    await makePipe(pipe);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(readInput(pipe, stop.signal)).rejects.toThrow('enough');
  });

  it('names what it cannot read', async () => {
    const file = join(folder, 'none.png');
    await expect(readInput(file)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    await expect(readInput(file)).rejects.toThrow(file);
  });
});
