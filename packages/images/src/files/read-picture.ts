/** Images in any format that sharp reads, and BMP and Netpbm, as samples. */
import { untilAborted } from '@vqkit/core';
import sharp, { type Sharp } from 'sharp';
import { ImageError } from '../errors.ts';
import { type IntegerSamples, maxPixels } from '../image.ts';
import type { Raster } from '../region.ts';
import { type FileKind, kindBytes, kindOf } from './file-kind.ts';
import { readNetpbm } from './netpbm.ts';
import { gammaToSrgb, pictureNote } from './picture-note.ts';

/** What cannot be kept: the brightness of HDR, or all pictures of a file but the first. */
export type PictureWarning = 'hdr' | 'pictures';

/** How a picture is read. */
export interface ReadPictureOptions {
  /** Where the bytes came from, for messages, e.g. `'photo.jpg'`. */
  readonly name?: string;
  /** Steps of sharp between file and samples, such as `(image) => image.resize(64, 64)`; the size is that of the file, before it is turned upright. */
  readonly prepare?: (image: Sharp, size: Pick<Raster, 'width' | 'height'>) => Sharp;
  /** Is told what cannot be kept, such as the brightness of HDR and all pictures of an animation but the first. */
  readonly onWarn?: (message: string, kind: PictureWarning) => void;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a picture, of animations and files of several pages the first: turned upright by its EXIF orientation, converted to sRGB from its ICC profile, PNG gamma, CMYK or grey.
 *
 * @returns RGB or RGBA, 8 bits or 16 as the file has them.
 * @throws ImageError `IMAGE_UNREADABLE`: what the file is instead, and what to do; the signal's reason when aborted.
 */
export async function readPicture(
  bytes: Uint8Array,
  { name, prepare = (image) => image, onWarn, signal }: ReadPictureOptions = {},
): Promise<Raster<IntegerSamples>> {
  signal?.throwIfAborted();
  const kind = kindOf(bytes.subarray(0, kindBytes));
  try {
    const { gamma, hdr, frames } = pictureNote(bytes, kind);
    if (hdr) onWarn?.(`${name ?? 'this'} is an HDR picture (${hdr}): its brightness is not mapped to sRGB`, 'hdr');
    const image = await open(bytes, kind);
    const { depth, pages = 1, ...size } = await untilAborted(image.metadata(), signal);
    if (!depths.includes(depth)) throw new Error(`${depth} samples`);
    const pictures = frames ?? pages;
    if (pictures > 1) onWarn?.(`${name ?? 'this'} holds ${pictures} pictures: the first is read`, 'pictures');
    const picture = await untilAborted(samplesOf(prepare(image, size), depth === 'ushort'), signal);
    if (gamma !== undefined) gammaToSrgb(picture.data as Uint8Array, picture.channels, gamma);
    return picture;
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ImageError) throw cause;
    const [reason, fix] = explain(kind, cause instanceof Error ? cause.message : String(cause));
    const place = name === undefined ? '' : ` at ${name}`;
    throw new ImageError({
      code: 'IMAGE_UNREADABLE',
      message: `expected an image (PNG, JPEG, WebP, AVIF, TIFF, GIF, SVG, BMP or PPM)${place}, got ${reason}`,
      fix,
      cause,
    });
  }
}

async function open(bytes: Uint8Array, kind: FileKind): Promise<Sharp> {
  if (kind === 'netpbm') return fromSamples(readNetpbm(bytes, maxPixels));
  if (kind === 'bmp') return readBitmap(bytes);
  return sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels }).autoOrient();
}

function fromSamples({ data, width, height, channels }: Raster<Uint8Array | Uint16Array>): Sharp {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 3 | 4 } });
}

/** Depths of samples whose black and white are known. */
const depths: readonly (string | undefined)[] = ['uchar', 'ushort'];

async function samplesOf(image: Sharp, is16Bit: boolean): Promise<Raster<IntegerSamples>> {
  const { data, info } = await image
    .toColourspace(is16Bit ? 'rgb16' : 'srgb')
    .raw({ depth: is16Bit ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = is16Bit ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return { data: samples, width, height, channels };
}

async function readBitmap(bytes: Uint8Array): Promise<Sharp> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // The size stands at 18 and 22, the height negative for rows from the top; the depth at 28.
  const [width, height] = [file.readInt32LE(18), Math.abs(file.readInt32LE(22))];
  if (!(width > 0 && height > 0)) throw new Error('a damaged header');
  if (width * height > maxPixels) throw new Error('Input image exceeds pixel limit');
  const [start, bits, packing] = [file.readUInt32LE(10), file.readUInt16LE(28), file.readUInt32LE(30)];
  // Plain samples, runs in 8 and 4 bits, and masks in 16 and 32.
  const packings: Readonly<Record<number, readonly number[]>> = { 1: [0], 4: [0, 2], 8: [0, 1], 24: [0] };
  if (!(packings[bits] ?? ([16, 32].includes(bits) ? [0, 3, 6] : [])).includes(packing))
    throw new Error(`a bitmap of ${bits} bits and packing ${packing}, which is none`);
  const isPacked = packing === 1 || packing === 2;
  const needed = isPacked ? 0 : Math.ceil((width * bits) / 32) * 4 * (height - 1) + Math.ceil((width * bits) / 8);
  if (start + needed > bytes.length) throw new Error('the file is cut off');
  const { decode } = await import('bmp-ts');
  const { data } = decode(file, { toRGBA: true });
  const hasAlpha = data.some((value, i) => i % 4 === 3 && value !== 0 && value !== 255);
  const size = { width, height };
  if (hasAlpha) return fromSamples({ ...size, data, channels: 4 });
  return fromSamples({ ...size, data: Uint8Array.from(data).filter((_, i) => i % 4 !== 3), channels: 3 });
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
  pam: ['a PAM or PFM file', convert],
  ico: ['an icon file', convert],
  raw: ["a camera's raw file", 'Develop it to JPEG, TIFF or PNG first'],
  video: ['a video', 'Take frames out of it first, as PNG or JPEG'],
  archive: ['an archive', 'Unpack it first'],
};

/** What was wrong, in one line, and what to do. */
function explain(kind: FileKind, message: string): readonly [reason: string, fix: string] {
  const known = unread[kind];
  if (known !== undefined && !(kind === 'text' && /svg|xml/i.test(message))) return known;
  if (kind === 'unknown' && /unsupported image format/.test(message))
    return ['a file of no kind that is known here', 'Check the path; if it is an image, convert it to PNG first'];
  if (kind === 'svg' && /unsupported image format|dimensions|too large|limit/.test(message))
    return [`a drawing of no size, or of more than ${maxPixels} pixels`, 'Give it a smaller width and height'];
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
  return message.trim().split('\n')[0]!.slice(0, 160);
}
