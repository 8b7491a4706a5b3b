/** Images in any format that sharp reads, as samples, and back into files. */
import { extname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { CliError, reasonOf } from '../errors.ts';
import { nameOfInput, standardStream } from './files.ts';

/** Row-major interleaved sRGB samples, with alpha as the fourth channel where the file has one. */
export interface Picture {
  /** 16-bit samples where the file has 16 bits, else 8. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** Formats that can be written. */
export const pictureFormats = ['png', 'jpg', 'webp', 'avif'] as const;

/** One of `pictureFormats`. */
export type PictureFormat = (typeof pictureFormats)[number];

/**
 * Decodes an image: turned upright by its EXIF orientation, converted to sRGB from its ICC profile, CMYK or grey.
 *
 * @param path  Where the bytes came from, for messages.
 * @throws CliError `IMAGE_UNREADABLE`
 */
export async function readPicture(bytes: Uint8Array, path: string): Promise<Picture> {
  try {
    const image = sharp(bytes, { failOn: 'error' }).autoOrient();
    const { depth } = await image.metadata();
    const is16Bit = depth === 'ushort';
    const { data, info } = await image
      .toColourspace(is16Bit ? 'rgb16' : 'srgb')
      .raw({ depth: is16Bit ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const samples = is16Bit ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    return { data: samples, width, height, channels: info.channels as 3 | 4 };
  } catch (cause) {
    throw new CliError({
      code: 'IMAGE_UNREADABLE',
      message: `expected an image (PNG, JPEG, WebP, AVIF, TIFF, GIF, …) at ${nameOfInput(path)}, got: ${reasonOf(cause)}`,
      fix: 'Check that the file is complete and opens in an image viewer',
      cause,
    });
  }
}

/** The format that a path's extension names; PNG for standard output. @throws CliError `FORMAT_UNKNOWN` */
export function formatOf(path: string): PictureFormat {
  if (path === standardStream) return 'png';
  const extension = extname(path).slice(1).toLowerCase();
  const format = extension === 'jpeg' ? 'jpg' : extension;
  if ((pictureFormats as readonly string[]).includes(format)) return format as PictureFormat;
  throw new CliError({
    code: 'FORMAT_UNKNOWN',
    message: `expected a file name that ends in .png, .jpg, .webp or .avif, got '${path}'`,
    fix: 'Change the extension',
  });
}

/** Encodes 8-bit samples; lossy formats at a quality where the loss is not seen. JPEG has no alpha: it goes onto white. */
export async function encodePicture(picture: Picture, format: PictureFormat): Promise<Uint8Array> {
  const image = toSharp(picture);
  switch (format) {
    case 'png':
      return image.png().toBuffer();
    case 'jpg':
      return image.flatten({ background: 'white' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
    case 'webp':
      return image.webp({ quality: 95 }).toBuffer();
    case 'avif':
      return image.avif({ quality: 85, effort: 4 }).toBuffer();
  }
}

/** Samples as the start of a sharp pipeline. 16-bit samples are rounded to 8. */
export function toSharp(picture: Picture): Sharp {
  const { width, height, channels } = picture;
  return sharp(to8Bit(picture), { raw: { width, height, channels } });
}

/** The samples in 8 bits: 16-bit ones are rounded, v/257. */
export function to8Bit({ data }: Pick<Picture, 'data'>): Uint8Array {
  if (data instanceof Uint16Array) return Uint8Array.from(data, (value) => Math.round(value / 257));
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
