/** Photos on disc: which files of a folder are photos, and their pixels. */

import { readRegularFile } from '@vqkit/core';
import { ImageError, maxPixels, type Raster, to8Bit } from '@vqkit/images';
import { listPictures, pictureExtensions, readPicture } from '@vqkit/images/node';
import type { Sharp } from 'sharp';
import { TrainingError } from '../errors.ts';
import type { SkippedInput } from './batch-source.ts';

/** Photos in a folder, as `listPictures` of `@vqkit/images/node` has them. @throws TrainingError `DATA_MISSING` when there are none. */
export async function listPhotos(folder: string): Promise<string[]> {
  const missing = (message: string, cause?: unknown): TrainingError =>
    new TrainingError({ code: 'DATA_MISSING', message, fix: 'Check the path given with --data', cause });
  const photos = await listPictures(folder).catch((cause: unknown) => {
    throw missing(`expected a folder of photos at '${folder}', got: ${reasonOf(cause)}`, cause);
  });
  if (photos.length > 0) return photos;
  throw missing(`expected photos (${pictureExtensions.join(', ')}) in '${folder}', got none`);
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

/** Reads a photo as sRGB: turned upright, on white where it is transparent. @throws ImageError `IMAGE_UNREADABLE` */
export async function readPhoto(file: string, { atLeast, shortSide, atMost }: ReadPhotoOptions = {}): Promise<Raster> {
  const side = shortSide ?? atMost ?? atLeast;
  const isEnlarged = shortSide !== undefined || atLeast !== undefined;
  const prepare = (image: Sharp, { width, height }: Pick<Raster, 'width' | 'height'>): Sharp => {
    const opaque = image.flatten({ background: '#ffffff' });
    if (side === undefined) return opaque;
    const [short, long] = [Math.min(width, height), Math.max(width, height)];
    if (isEnlarged && short < side && (long * side * side) / short > maxPixels)
      throw tooThin(file, `${width}×${height}`);
    return opaque.resize({
      width: side,
      height: side,
      fit: 'outside',
      withoutEnlargement: !isEnlarged,
      withoutReduction: shortSide === undefined && atMost === undefined,
    });
  };
  const picture = await readPicture(await readRegularFile(file), { prepare });
  return { ...picture, data: to8Bit(picture) };
}

function tooThin(file: string, size: string): ImageError {
  return new ImageError({
    code: 'IMAGE_UNREADABLE',
    message: `expected a photo that can be enlarged to the size of crops at '${file}', got one of ${size} pixels, which is too long and thin`,
    fix: 'Leave it out',
  });
}

/** Photos one after the other; what cannot be read is told and left out. @throws TrainingError `IMAGE_UNREADABLE` when all are. */
export async function* readPhotos(
  files: readonly string[],
  options: ReadPhotoOptions & { readonly onSkip?: (input: SkippedInput) => void } = {},
): AsyncGenerator<Raster> {
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
