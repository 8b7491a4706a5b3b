/** Images in any format that sharp reads, and BMP and Netpbm, as samples, and back into files. */

import { extname } from 'node:path';
import { type IntegerSamples, maxPixels, type Raster } from '@vqkit/images';
import sharp, { type Sharp } from 'sharp';
import { CliError, reasonOf } from '../errors.ts';
import { warn } from '../output.ts';
import { type FileKind, kindBytes, kindOf } from './file-kind.ts';
import { nameOfInput, standardStream } from './files.ts';
import { readNetpbm } from './netpbm.ts';
import { colourNote, gammaToSrgb } from './png-colour.ts';

/** Formats that can be written. */
export const pictureFormats = ['png', 'jpg', 'webp', 'avif'] as const;

/** One of `pictureFormats`. */
export type PictureFormat = (typeof pictureFormats)[number];

/**
 * Decodes an image: turned upright by its EXIF orientation, converted to sRGB from its ICC profile, PNG gamma, CMYK or grey.
 *
 * @param path  Where the bytes came from, for messages.
 * @param onWarn  Is told what cannot be kept, such as the brightness of HDR. Default: standard error.
 * @throws CliError `IMAGE_UNREADABLE`
 */
export async function readPicture(bytes: Uint8Array, path: string, onWarn = warn): Promise<Raster<IntegerSamples>> {
  const kind = kindOf(bytes.subarray(0, kindBytes));
  try {
    const { gamma, hdr } = colourNote(bytes, kind);
    if (hdr) onWarn(`${nameOfInput(path)} is an HDR picture (${hdr}): its brightness is not mapped to sRGB`);
    if (kind === 'netpbm') return inColour(readNetpbm(bytes, maxPixels));
    if (kind === 'bmp') return await readBitmap(bytes);
    const picture = await decode(sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels }).autoOrient());
    if (gamma !== undefined) gammaToSrgb(picture.data as Uint8Array, picture.channels, gamma);
    return picture;
  } catch (cause) {
    const [reason, fix] = explain(kind, reasonOf(cause));
    throw new CliError({
      code: 'IMAGE_UNREADABLE',
      message: `expected an image (PNG, JPEG, WebP, AVIF, TIFF, GIF, SVG, BMP or PPM) at ${nameOfInput(path)}, got ${reason}`,
      fix,
      cause,
    });
  }
}

/** Depths of samples whose black and white are known. */
const depths: readonly (string | undefined)[] = ['uchar', 'ushort'];

async function decode(image: Sharp): Promise<Raster<IntegerSamples>> {
  const { depth } = await image.metadata();
  if (!depths.includes(depth)) throw new Error(`${depth} samples`);
  const is16Bit = depth === 'ushort';
  const { data, info } = await image
    .toColourspace(is16Bit ? 'rgb16' : 'srgb')
    .raw({ depth: is16Bit ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const samples = is16Bit ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return { data: samples, width, height, channels: info.channels as 3 | 4 };
}

/** Grey samples three times. */
function inColour({ data, width, height, channels }: Raster<Uint8Array | Uint16Array>): Raster<IntegerSamples> {
  if (channels === 3) return { data, width, height, channels };
  const colours = data instanceof Uint16Array ? new Uint16Array(3 * data.length) : new Uint8Array(3 * data.length);
  data.forEach((value, i) => colours.fill(value, 3 * i, 3 * i + 3));
  return { data: colours, width, height, channels: 3 };
}

async function readBitmap(bytes: Uint8Array): Promise<Raster<IntegerSamples>> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // The size stands at 18 and 22, the height negative for rows from the top; the depth at 28.
  const [width, height] = [file.readInt32LE(18), Math.abs(file.readInt32LE(22))];
  if (!(width > 0 && height > 0)) throw new Error('a damaged header');
  if (width * height > maxPixels) throw new Error('Input image exceeds pixel limit');
  const isPacked = [1, 2].includes(file.readUInt32LE(30));
  if (!isPacked && (width * height * file.readUInt16LE(28)) / 8 > bytes.length) throw new Error('the file is cut off');
  const { decode: decodeBitmap } = await import('bmp-ts');
  const { data } = decodeBitmap(file, { toRGBA: true });
  const hasAlpha = data.some((value, i) => i % 4 === 3 && value !== 0 && value !== 255);
  const pixels = sharp(data, { raw: { width, height, channels: 4 } });
  return decode(hasAlpha ? pixels : pixels.removeAlpha());
}

const convert = 'Convert it to PNG, JPEG or another of these first';
const complete = 'Check that the file is complete and opens in an image viewer';

/** Kinds of files that are no pictures to us, and what to do. */
const unread: Partial<Record<FileKind, readonly [reason: string, fix: string]>> = {
  empty: ['an empty file', 'Check where it came from'],
  text: ['text', 'Check the path'],
  vqk: ['a .vqk file', 'Restore it with vqkit decode first'],
  heic: ['HEIC, which this build of libvips cannot decode', convert],
  jxl: ['JPEG XL, which this build of libvips cannot decode', convert],
  jp2: ['JPEG 2000, which this build of libvips cannot decode', convert],
  psd: ['a Photoshop file', convert],
  pdf: ['a PDF file', convert],
  exr: ['an OpenEXR file', convert],
};

/** What was wrong, in one line, and what to do. */
function explain(kind: FileKind, message: string): readonly [reason: string, fix: string] {
  const known = unread[kind];
  if (known !== undefined && !(kind === 'text' && /svg|xml/i.test(message))) return known;
  const samples = /^(\w+) samples$/.exec(message)?.[1];
  if (samples !== undefined || /samples.*(whole number|out of range)/.test(message)) {
    const what = samples ?? '10, 12, 14 or 64-bit';
    return [
      `a file of ${what} samples, whose black and white are not known`,
      'Convert it to 8 or 16 bits a sample first',
    ];
  }
  if (/pixel limit|too many/.test(message)) {
    return [`a picture of more than ${maxPixels} pixels`, 'Shrink it, or cut it into parts, first'];
  }
  if (/too large|exceeds/i.test(message))
    return [`a picture over a limit of its format: ${oneLine(message)}`, 'Shrink it first'];
  return [`a damaged file: ${oneLine(message)}`, complete];
}

/** The first line: libvips lists every try. */
function oneLine(message: string): string {
  return message.split('\n')[0]!.slice(0, 160);
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

/** Encodes samples; lossy formats at a quality where the loss is not seen. PNG keeps 16 bits. JPEG has no alpha: it goes onto white. */
export async function encodePicture(picture: Raster<IntegerSamples>, format: PictureFormat): Promise<Uint8Array> {
  const image = toSharp(picture);
  switch (format) {
    case 'png':
      return (picture.data instanceof Uint16Array ? toSharp16(picture) : image).png().toBuffer();
    case 'jpg':
      return image.flatten({ background: 'white' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
    case 'webp':
      return image.webp({ quality: 95 }).toBuffer();
    case 'avif':
      return image.avif({ quality: 85, effort: 4 }).toBuffer();
  }
}

/** A drawn picture, PNG, as the format that a path names. @throws CliError `FORMAT_UNKNOWN` */
export async function convertPicture(png: Uint8Array, path: string): Promise<Uint8Array> {
  const format = formatOf(path);
  return format === 'png' ? png : encodePicture(await readPicture(png, path), format);
}

/** Samples as the start of a sharp pipeline. 16-bit samples are rounded to 8. */
export function toSharp(picture: Raster<IntegerSamples>): Sharp {
  const { width, height, channels } = picture;
  return sharp(to8Bit(picture), { raw: { width, height, channels: channels as 3 | 4 } });
}

function toSharp16({ data, width, height, channels }: Raster<IntegerSamples>): Sharp {
  return sharp(data, { raw: { width, height, channels: channels as 3 | 4 } }).toColourspace('rgb16');
}

/** The samples in 8 bits: 16-bit ones are rounded, v/257. */
export function to8Bit({ data }: Pick<Raster<IntegerSamples>, 'data'>): Uint8Array {
  if (data instanceof Uint16Array) return Uint8Array.from(data, (value) => Math.round(value / 257));
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
