import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { makePipe } from '../../../../tooling/make-pipe.ts';
import { startOddServer } from '../../../../tooling/odd-server.ts';
import { folderOf, removeAll } from '../testing/batch-of.ts';
import type { BatchItem } from './item.ts';
import { listInputs } from './list-inputs.ts';
import { readItem } from './read-item.ts';

const made: string[] = [];
afterAll(() => removeAll(...made));

async function folder(files: Record<string, string | Uint8Array>): Promise<string> {
  made.push(await folderOf(files));
  return made.at(-1)!;
}

async function tarOf(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return buffer(tar);
}

async function list(...sources: string[]): Promise<BatchItem[]> {
  const items: BatchItem[] = [];
  for await (const item of listInputs(sources, ['png', 'jpg'])) items.push(item);
  return items;
}

const keysOf = (items: BatchItem[]): string[] => items.map(({ key }) => key);

describe('listInputs', () => {
  it('lists a folder and all below it by name, without hidden and other files, and no key twice', async () => {
    const files = ['b/z.png', 'b/a.v2.jpg', 'a.png', 'a.jpg', 'A.PNG', '.b.png', '.c/d.png', 'notes.txt', 'b/a_v2.png'];
    const source = await folder(Object.fromEntries(files.map((name) => [name, name])));
    const items = await list(source);
    // a.v2 and a_v2 would be one key in WebDataset, and A and a one file on macOS and Windows.
    expect(keysOf(items)).toEqual(['A', 'a_jpg', 'a_png', 'b/a.v2', 'b/a_v2_png', 'b/z']);
    expect(await list(source, source)).toEqual(items);
  });

  it('finds the bytes of entries of tars, alone and in folders, and lets no name lead out', async () => {
    const long = `${'deep/'.repeat(40)}x.png`; // more than a header holds
    const entries = { 'a.png': 'one', '../../etc/b.png': 'two', [long]: 'three', 'c.txt': 'four', './._a.png': 'five' };
    const source = await folder({ 'pictures.tar': await tarOf(entries) });
    const items = await list(join(source, 'pictures.tar'));
    expect(keysOf(items)).toEqual(['a', 'etc/b', long.slice(0, -4)]);
    const texts = await Promise.all(items.map(async (item) => new TextDecoder().decode(await readItem(item))));
    expect(texts).toEqual(['one', 'two', 'three']);
    expect(keysOf(await list(source))).toEqual(['a', 'etc/b', long.slice(0, -4)].map((key) => `pictures/${key}`));
  });

  it('reads lists of paths and URLs, relative to the list, each once', async () => {
    const source = await folder({
      'list.txt': '\ufeffx/a.png\r\n\nx/a.png\nx/b\nhttps://example.org/c.jpg?size=1\npack.tar\n',
      'pack.tar': await tarOf({ 'd.png': 'd' }),
    });
    const items = await list(join(source, 'list.txt'));
    expect(keysOf(items)).toEqual(['x/a', 'x/b', 'c', 'pack/d']);
    expect(items.map(({ at }) => at)).toEqual([
      ...[join(source, 'x/a.png'), join(source, 'x/b'), 'https://example.org/c.jpg?size=1', join(source, 'pack.tar')],
    ]);
  });

  it('goes on behind a tar that breaks off, lines that are no URLs, and links that lead in circles', async () => {
    const tar = await tarOf({ 'a.png': 'one', 'b.png': 'x'.repeat(5000) });
    const source = await folder({ 'cut.tar': tar.subarray(0, 2000), 'z.png': 'z', 'sub/y.png': 'y', 'no.tar': 'none' });
    await symlink(source, join(source, 'sub/above'));
    await symlink(join(source, 'sub'), join(source, 'again'));
    const items = await list(source);
    expect(items.map(({ key, broken }) => [key, broken])).toEqual([
      ['again/y', undefined],
      ['cut/a', undefined],
      ['cut/b', undefined],
      ['cut', expect.stringContaining('end of data')],
      ['no', expect.stringContaining('end of data')],
      ['z', undefined],
    ]);
    for (const { broken, ...item } of items.filter(({ key }) => ['cut/b', 'cut'].includes(key)))
      await expect(readItem({ ...item, ...(broken && { broken }) })).rejects.toThrow(/end of data|ends before it/);
    const lines = ['https://example.org/%ff.png', 'http://', 'z.png'];
    const named = await list(join(await folder({ 'list.txt': lines.join('\n'), 'z.png': 'z' }), 'list.txt'));
    expect(named).toHaveLength(3);
    await expect(readItem(named[1]!)).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
  });

  it('passes over the folder of the results', async () => {
    const source = await folder({ 'a.png': 'a', 'results/a.png': 'A' });
    const items: BatchItem[] = [];
    for await (const item of listInputs([source], ['png'], { except: join(source, 'results') })) items.push(item);
    expect(keysOf(items)).toEqual(['a']);
  });

  it('reads files alone, and none that cannot be held', async () => {
    const source = await folder({ 'a.png': 'a' });
    await makePipe(join(source, 'pipe.png'));
    for (const item of [
      { at: join(source, 'pipe.png') },
      { at: '/dev/zero' },
      { at: source },
      { at: join(source, 'a.png'), range: { offset: 0, size: 2 ** 40 } },
      { at: join(source, 'a.png'), range: { offset: 0, size: -1 } },
    ])
      await expect(readItem({ key: 'x', ...item })).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
  });

  it('reads lists and files behind http, and gives up servers that do not answer, lie or never end', async () => {
    const server = await startOddServer({
      'set/list.txt': 'a.png\n/gone\nhttp://127.0.0.1:9/b.png',
      'set/a.png': 'one',
    });
    const items = await list(`${server.origin}/set/list.txt`);
    expect(items.map(({ at }) => at)).toEqual([`${server.origin}/set/a.png`, '/gone', 'http://127.0.0.1:9/b.png']);
    expect(new TextDecoder().decode(await readItem(items[0]!))).toBe('one');
    const unreadable = { code: 'INPUT_UNREADABLE' };
    for (const way of ['short', 'circle', 'gone']) {
      await expect(readItem({ key: 'x', at: `${server.origin}/${way}/x.png` }), way).rejects.toMatchObject(unreadable);
      await expect(list(`${server.origin}/${way}/list.txt`), way).rejects.toMatchObject(unreadable);
    }
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const url = `${server.origin}/silent`;
      const both = Promise.allSettled([readItem({ key: 'x', at: `${url}/x.png` }), list(`${url}/list.txt`)]);
      let isSettled = false;
      void both.then(() => {
        isSettled = true;
      });
      while (!isSettled) {
        await new Promise((resolve) => setImmediate(resolve));
        await vi.advanceTimersByTimeAsync(31_000);
      }
      for (const result of await both) {
        const { reason } = result as PromiseRejectedResult;
        expect(reason).toMatchObject({ ...unreadable, message: expect.stringMatching(/within 30 s/) });
      }
    } finally {
      vi.useRealTimers();
      await server.stop();
    }
  });

  it('takes no list from pipes and devices, and none whose lines never end', async () => {
    const source = await folder({ 'long.lst': 'x'.repeat(10_000_000), 'long.txt': `${'y'.repeat(70_000)}\n` });
    await makePipe(join(source, 'pipe.txt'), join(source, 'pipe.tar'));
    for (const name of [
      join(source, 'pipe.txt'),
      join(source, 'pipe.tar'),
      '/dev/zero',
      join(source, 'long.lst'),
      join(source, 'long.txt'),
    ])
      await expect(list(name), name).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
  });

  it('says what is wrong with a source', async () => {
    const source = await folder({
      'x.bin': Uint8Array.of(0, 255, 254, 10),
      'cut.tar': (await tarOf({ 'a.png': 'x' })).subarray(0, 300),
    });
    for (const name of ['x.bin', 'cut.tar', 'missing'])
      await expect(list(join(source, name)), name).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    await expect(readItem({ key: 'a', at: join(source, 'gone.png') })).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
    });
  });
});
