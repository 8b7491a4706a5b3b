/** Photos of noise, for tests of the recipes. */
import { join } from 'node:path';
import sharp from 'sharp';
import { noisePhoto } from '../../../../tooling/noise-photo.ts';

/**
 * Writes photos.
 *
 * @param files  Names, whose extensions say the format; each is a little brighter than the one before.
 */
export async function writeNoisePhotos(
  folder: string,
  files: readonly string[],
  size: { readonly width: number; readonly height: number } = { width: 96, height: 64 },
): Promise<void> {
  for (const [i, file] of files.entries()) {
    await sharp(...noisePhoto({ ...size, mean: 90 + 30 * i, seed: i })).toFile(join(folder, file));
  }
}
