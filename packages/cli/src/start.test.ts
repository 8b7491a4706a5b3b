import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from '@vqkit/codec';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, tinyWeights } from './testing/run-cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-start-'));
  const data = Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 40));
  await sharp(data, { raw: { width: 96, height: 64, channels: 3 } })
    .jpeg()
    .toFile(join(folder, 'photo.jpg'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('npm start', () => {
  it('writes the file, the restored photo and the comparison, and prints what they cost', async () => {
    const args = ['photo.jpg', '--out', 'shown', ...tinyWeights];
    const { status, stdout, stderr } = await runCli(args, { program: 'start.ts', cwd: folder });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect((await readdir(join(folder, 'shown'))).sort()).toEqual([
      'photo.comparison.png',
      'photo.restored.png',
      'photo.vqk',
    ]);
    const file = await readFile(join(folder, 'shown', 'photo.vqk'));
    expect(inspect(file)).toMatchObject({ width: 96, height: 64 });
    expect(await sharp(join(folder, 'shown', 'photo.restored.png')).metadata()).toMatchObject({
      width: 96,
      height: 64,
    });
    expect((await sharp(join(folder, 'shown', 'photo.comparison.png')).metadata()).width).toBeGreaterThan(1200);

    const text = stdout.toString();
    expect(text).toMatch(
      new RegExp(`^vqkit +${file.length} +0\\.\\d{4} +\\d+\\.\\d\\d dB +0\\.\\d{3} +encoded in .* decoded in `, 'm'),
    );
    expect(text).toMatch(/^AVIF at its smallest +\d+ .* times the bytes/m);
    expect(text).toMatch(/^JPEG at its smallest +\d+/m);
    expect(text).toContain(`wrote ${join('shown', 'photo.comparison.png')}`);
  });

  it('says when the photo cannot be read', async () => {
    const { status, stderr } = await runCli(['none.jpg', ...tinyWeights], { program: 'start.ts', cwd: folder });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error INPUT_UNREADABLE: .*none\.jpg/);
    expect(await readdir(folder)).not.toContain('out');
  });
});
