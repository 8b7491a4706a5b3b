/** Photos on disc: which files of a folder are photos, and their pixels. */

import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { InputImage } from '@vqkit/images';
import sharp from 'sharp';
import { TrainingError } from '../errors.ts';
import type { SkippedInput } from './batch-source.ts';

/** Extensions of files that count as photos: what `vqkit encode` reads. */
const photoExtensions: readonly string[] = ['jpg', 'jpeg', 'png', 'webp', 'avif', 'tif', 'tiff', 'gif'];

/**
 * Photos in a folder, sorted by name. Folders and hidden files (such as the `._a.jpg` of macOS) are none.
 *
 * @throws TrainingError `DATA_MISSING` when there are none.
 */
export async function listPhotos(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new TrainingError({
      code: 'DATA_MISSING',
      message: `expected a folder of photos at '${folder}', got: ${reasonOf(cause)}`,
      fix: 'Check the path given with --data',
      cause,
    });
  });
  const photos = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => photoExtensions.includes(extname(name).slice(1).toLowerCase()))
    .sort();
  if (photos.length > 0) return photos.map((name) => join(folder, name));
  throw new TrainingError({
    code: 'DATA_MISSING',
    message: `expected photos (${photoExtensions.join(', ')}) in '${folder}', got none`,
    fix: 'Check the path given with --data',
  });
}

/** `count` files evenly spread over the list, so that every source is there; all when there are fewer. */
export function chooseEvenly(files: readonly string[], count = files.length): string[] {
  const step = Math.max(1, files.length / count);
  return Array.from({ length: Math.min(count, files.length) }, (_, i) => files[Math.floor(i * step)]!);
}

/** How a photo is brought to a size. */
export interface ReadPhotoOptions {
  /** Smaller photos are enlarged so that both sides have this many pixels at least. */
  readonly atLeast?: number;
  /** The short side gets so many pixels, larger or smaller. */
  readonly shortSide?: number;
  /** Larger photos get a short side of so many pixels. */
  readonly atMost?: number;
}

/** Reads a photo as sRGB: turned upright, on white where it is transparent. @throws Error when it is damaged or cut off. */
export async function readPhoto(
  file: string,
  { atLeast, shortSide, atMost }: ReadPhotoOptions = {},
): Promise<InputImage<Uint8Array>> {
  const decoded = sharp(file, { failOn: 'error' }).rotate().flatten({ background: '#ffffff' });
  const side = shortSide ?? atMost ?? atLeast;
  const sized =
    side === undefined
      ? decoded
      : decoded.resize({
          width: side,
          height: side,
          fit: 'outside',
          withoutEnlargement: shortSide === undefined && atLeast === undefined,
          withoutReduction: shortSide === undefined && atMost === undefined,
        });
  const { data, info } = await sized.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixels = info.channels === 3 ? new Uint8Array(data) : repeatGrey(data);
  return { data: pixels, width: info.width, height: info.height };
}

function repeatGrey(data: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(data.length * 3);
  data.forEach((value, i) => rgb.fill(value, i * 3, i * 3 + 3));
  return rgb;
}

/** Photos one after the other; what cannot be read is told and left out. @throws TrainingError `IMAGE_UNREADABLE` when all are. */
export async function* readPhotos(
  files: readonly string[],
  options: ReadPhotoOptions & { readonly onSkip?: (input: SkippedInput) => void } = {},
): AsyncGenerator<InputImage<Uint8Array>> {
  const { onSkip, ...size } = options;
  const skipped: SkippedInput[] = [];
  for (const file of files) {
    const image = await readPhoto(file, size).catch((error: unknown) => {
      skipped.push({ file, reason: reasonOf(error) });
      onSkip?.(skipped.at(-1)!);
    });
    if (image) yield image;
  }
  if (files.length > 0 && skipped.length === files.length) throw allUnreadable(skipped);
}

/** The error of data of which nothing can be read. */
export function allUnreadable(skipped: readonly SkippedInput[]): TrainingError {
  return new TrainingError({
    code: 'IMAGE_UNREADABLE',
    message: `expected readable photos, got ${skipped.length} of which none is, the first '${skipped[0]?.file}': ${skipped[0]?.reason}`,
    fix: 'Remove or repair the damaged files',
  });
}

/** What a thrown value says, in one line. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]!;
}
