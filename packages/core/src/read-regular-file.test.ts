import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { makePipe } from '../../../tooling/make-pipe.ts';
import { readRegularFile } from './read-regular-file.ts';

it('reads files, and neither folders, pipes, devices, nor what is too large', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-read-'));
  const file = join(folder, 'file');
  await writeFile(file, 'text');
  for (const path of [file, pathToFileURL(file)])
    expect(new TextDecoder().decode(await readRegularFile(path))).toBe('text');
  await makePipe(join(folder, 'pipe'));
  await expect(readRegularFile(join(folder, 'pipe'))).rejects.toThrow('a pipe or a device');
  await expect(readRegularFile('/dev/zero')).rejects.toThrow('a pipe or a device');
  await expect(readRegularFile(folder)).rejects.toThrow('a folder');
  await expect(readRegularFile(file, { maxBytes: 3 })).rejects.toThrow('more than 3 bytes');
  await expect(readRegularFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readRegularFile(file, { signal: AbortSignal.abort() })).rejects.toThrow('abort');
  await rm(folder, { recursive: true });
});
