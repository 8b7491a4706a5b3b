/** Pictures for tests: noise, each of its own brightness. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { noisePhoto } from '../../../../tooling/noise-photo.ts';

/** Writes `a.png`, `b.png`, … of 192×176 pixels, and `held-out.txt`, which names the last half. @returns Their names. */
export async function writeNoisePictures(folder: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `${String.fromCharCode(97 + i)}.png`);
  for (const [i, name] of names.entries()) {
    await sharp(...noisePhoto({ width: 192, height: 176, mean: 90 + 30 * i, seed: i })).toFile(join(folder, name));
  }
  await writeFile(join(folder, 'held-out.txt'), `${names.slice(count / 2).join('\n')}\n`);
  return names;
}
