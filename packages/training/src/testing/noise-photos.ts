/** Photos of noise, for tests of the recipes. */
import { join } from 'node:path';
import sharp from 'sharp';

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
    const noise = { type: 'gaussian', mean: 90 + 30 * i, sigma: 40 } as const;
    await sharp({ create: { ...size, channels: 3, background: '#888', noise } }).toFile(join(folder, file));
  }
}
