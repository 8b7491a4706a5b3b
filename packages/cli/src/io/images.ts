/** Images from files of any format, and back into files. */

import { extname } from 'node:path';
import { untilAborted } from '@vqkit/core';
import { type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { type ReadPictureOptions, readPicture as read } from '@vqkit/images/node';
import sharp, { type Sharp } from 'sharp';
import { CliError } from '../errors.ts';
import { warn } from '../output.ts';
import { nameOfInput, standardStream } from './files.ts';

/** Formats that can be written. */
export const pictureFormats = ['png', 'jpg', 'webp', 'avif'] as const;

/** One of `pictureFormats`. */
export type PictureFormat = (typeof pictureFormats)[number];

/**
 * Reads a picture as `readPicture` of `@vqkit/images/node` does.
 *
 * @param path  Where the bytes came from, for messages.
 * @param options.onWarn  Default: standard error.
 * @throws ImageError `IMAGE_UNREADABLE`; the signal's reason when aborted.
 */
export function readPicture(
  bytes: Uint8Array,
  path: string,
  { onWarn = warn, signal }: Pick<ReadPictureOptions, 'onWarn' | 'signal'> = {},
): Promise<Raster<IntegerSamples>> {
  return read(bytes, { name: nameOfInput(path), onWarn, signal });
}

/** The format that a path's extension names; PNG for standard output. @throws CliError `FORMAT_UNKNOWN` */
export function formatOf(path: string): PictureFormat {
  if (path === standardStream) return 'png';
  const extension = extname(path).slice(1).toLowerCase();
  const format = extension === 'jpeg' ? 'jpg' : extension;
  if ((pictureFormats as readonly string[]).includes(format)) return format as PictureFormat;
  throw new CliError({
    code: 'FORMAT_UNKNOWN',
    message: `expected a file name that ends in .png, .jpg, .webp or .avif, got ${nameOfInput(path)}`,
    fix: 'Change the extension',
  });
}

/** Encodes samples; lossy formats at a quality where the loss is not seen. PNG keeps 16 bits. JPEG has no alpha: it goes onto white. @throws the signal's reason when aborted. */
export async function encodePicture(
  picture: Raster<IntegerSamples>,
  format: PictureFormat,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const is16Bit = format === 'png' && picture.data instanceof Uint16Array;
  return untilAborted(inFormat(is16Bit ? toSharp16(picture) : toSharp(picture), format).toBuffer(), signal);
}

/** A pipeline of sharp that ends in a format. */
export function inFormat(image: Sharp, format: PictureFormat): Sharp {
  switch (format) {
    case 'png':
      return image.png();
    case 'jpg':
      return image.flatten({ background: 'white' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
    case 'webp':
      return image.webp({ quality: 95 });
    case 'avif':
      return image.avif({ quality: 85, effort: 4 });
  }
}

/** A drawn picture, PNG, as the format that a path names. @throws CliError `FORMAT_UNKNOWN`; the signal's reason when aborted. */
export async function convertPicture(png: Uint8Array, path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const format = formatOf(path);
  return format === 'png' ? png : encodePicture(await readPicture(png, path, { signal }), format, signal);
}

/** Samples as the start of a sharp pipeline. 16-bit samples are rounded to 8. */
export function toSharp(picture: Raster<IntegerSamples>): Sharp {
  const { width, height, channels } = picture;
  return sharp(to8Bit(picture), { raw: { width, height, channels: channels as 3 | 4 } });
}

function toSharp16({ data, width, height, channels }: Raster<IntegerSamples>): Sharp {
  return sharp(data, { raw: { width, height, channels: channels as 3 | 4 } }).toColourspace('rgb16');
}
