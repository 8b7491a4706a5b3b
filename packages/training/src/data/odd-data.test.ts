/** Data sets that are hostile or merely odd: what they cannot be used for is said before it costs memory. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vqvaeRecipe } from '../recipes/vqvae/vqvae.ts';
import { parseIdx, readIdx } from './idx.ts';
import { readPhoto } from './photos.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-data-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An IDX file that claims a size. */
function idx(count: number, height: number, width: number, data = new Uint8Array(0)): Buffer {
  const header = Buffer.alloc(16);
  [0x0803, count, height, width].forEach((value, i) => header.writeUInt32BE(value, 4 * i));
  return Buffer.concat([header, data]);
}

it.each([
  ['no images', idx(0, 28, 28)],
  ['a hundred million images of no pixels', idx(100_000_000, 0, 28)],
  ['more than there is', idx(2 ** 32 - 1, 2 ** 31, 2 ** 31)],
  ['other bytes', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
])('refuses an IDX file with %s', async (_, file) => {
  expect(() => parseIdx(file)).toThrow(expect.objectContaining({ code: 'IMAGE_UNREADABLE' }));
  await writeFile(at('set.gz'), gzipSync(file));
  await expect(readIdx(at('set.gz'))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
});

it('unpacks no small archive to more than a gigabyte', async () => {
  // Members of gzip follow each other: 64 of 17 MB each, 17 kB packed.
  const member = gzipSync(new Uint8Array(2 ** 24 + 2 ** 20));
  await writeFile(at('bomb.gz'), Buffer.concat(Array.from({ length: 64 }, () => member)));
  await expect(readIdx(at('bomb.gz'))).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
}, 60_000);

it('says when there is nothing to learn from images of one colour', async () => {
  await writeFile(at('flat'), idx(64, 8, 8, new Uint8Array(64 * 64).fill(7)));
  await expect(vqvaeRecipe({ data: at('flat') })).rejects.toMatchObject({
    code: 'IMAGE_UNREADABLE',
    message: expect.stringMatching(/one colour/),
  });
});

it('enlarges no photo that is too long and thin, but shrinks it', async () => {
  const create = { width: 1, height: 16_000, channels: 3, background: '#888' } as const;
  await sharp({ create }).png().toFile(at('thin.png'));
  await expect(readPhoto(at('thin.png'), { atLeast: 256 })).rejects.toMatchObject({
    code: 'IMAGE_UNREADABLE',
    message: expect.stringMatching(/too long and thin/),
  });
  expect(await readPhoto(at('thin.png'), { atMost: 256 })).toMatchObject({ width: 1, height: 16_000 });
});
