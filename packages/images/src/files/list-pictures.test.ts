import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listPictures, pictureExtensions } from './list-pictures.ts';

it('lists files of every extension, whatever its case, by name, and neither folders nor hidden files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-pictures-'));
  const names = pictureExtensions.map(
    (extension, i) => `${i % 2 ? 'a' : 'B'}.${i % 3 ? extension : extension.toUpperCase()}`,
  );
  for (const name of [...names, '._a.jpg', 'notes.txt', 'png']) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'folder.png'));
  await symlink(join(folder, 'gone'), join(folder, 'link.png'));
  expect(await listPictures(folder)).toEqual([...names, 'link.png'].sort().map((name) => join(folder, name)));
  await rm(folder, { recursive: true });
});
