/**
 * Pictures that come in rows, into files, without lying in memory whole: rows go into a file of plain samples, in the format of
 * libvips, which reads it from the disk as it writes the picture.
 *
 * @see https://www.libvips.org/API/current/file-format.html
 */
import { open, rm } from 'node:fs/promises';
import { endianness } from 'node:os';
import { untilAborted } from '@vqkit/core';
import { type IntegerSamples, maxPixels, type Raster, to8Bit } from '@vqkit/images';
import sharp from 'sharp';
import { CliError } from '../errors.ts';
import { isRegularOutput, nameOfInput, writeOutput, writeOutputBy } from './files.ts';
import { encodePicture, inFormat, type PictureFormat } from './images.ts';

/** What is known of a picture before its rows. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** How rows are written. */
export interface PictureRowsOptions {
  readonly format: PictureFormat;
  readonly signal?: AbortSignal | undefined;
  /** Most pixels that are collected in memory; larger pictures go through a file. Default 2²⁴. */
  readonly mostInMemory?: number;
}

/** Longest side that a format can hold. */
const longestSide: Readonly<Record<PictureFormat, number>> = {
  png: Number.POSITIVE_INFINITY,
  jpg: 65_535,
  webp: 16_383,
  avif: 16_384,
};

/** Makes sure, before long work, that a format can hold a picture. @throws CliError `OUTPUT_UNWRITABLE` */
export function checkFits(path: string, { width, height }: PictureSize, format: PictureFormat): void {
  const longest = longestSide[format];
  if (Math.max(width, height) <= longest) return;
  throw new CliError({
    code: 'OUTPUT_UNWRITABLE',
    message: `expected a format that holds ${width}×${height} pixels for ${nameOfInput(path)}, got .${format}, which holds ${longest} along a side`,
    fix: 'Write a .png, or ask for a smaller picture',
  });
}

/**
 * Writes a picture whole or not at all.
 *
 * @param rows  From the top, of full width and one kind.
 * @throws CliError `OUTPUT_UNWRITABLE`; what the rows throw; the signal's reason when aborted.
 */
export async function writePictureRows(
  path: string,
  rows: AsyncIterable<Raster<IntegerSamples>>,
  size: PictureSize,
  { format, signal, mostInMemory = 2 ** 24 }: PictureRowsOptions,
): Promise<void> {
  const isLarge = size.width * size.height > mostInMemory;
  if (!isLarge || !(await isRegularOutput(path))) {
    return writeOutput(path, await encodePicture(await collected(rows, size), format, signal), signal);
  }
  const write = async (part: string): Promise<void> => {
    const plain = `${part}.v`;
    try {
      const { is16Bit } = await writePlain(plain, rows, size, { canBe16Bit: format === 'png', signal });
      const read = sharp(plain, { sequentialRead: true, limitInputPixels: maxPixels });
      const image = is16Bit ? read.toColourspace('rgb16') : read;
      // Tables made for a picture would need all of its coefficients in memory.
      const made = inFormat(image, format);
      const writer = format === 'jpg' ? made.jpeg({ optimiseCoding: false, force: false }) : made;
      await untilAborted(writer.toFile(part), signal);
    } finally {
      await rm(plain, { force: true });
    }
  };
  await writeOutputBy(path, write, signal);
}

/** All rows as one picture. */
async function collected(
  rows: AsyncIterable<Raster<IntegerSamples>>,
  { width, height }: PictureSize,
): Promise<Raster<IntegerSamples>> {
  const parts: Raster<IntegerSamples>[] = [];
  for await (const part of rows) parts.push(part);
  const { channels, data: first } = parts[0]!;
  const length = width * height * channels;
  const data = first instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, width, height, channels };
}

/** Writes samples, RGB or RGBA, with the header of libvips' own format. */
async function writePlain(
  path: string,
  rows: AsyncIterable<Raster<IntegerSamples>>,
  size: PictureSize,
  { canBe16Bit, signal }: { readonly canBe16Bit: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ readonly is16Bit: boolean }> {
  const file = await open(path, 'wx');
  try {
    let is16Bit: boolean | undefined;
    for await (const part of rows) {
      signal?.throwIfAborted();
      const data = canBe16Bit && part.data instanceof Uint16Array ? part.data : to8Bit(part);
      if (is16Bit === undefined) {
        is16Bit = data instanceof Uint16Array;
        await file.writeFile(headerOf(size, part.channels, is16Bit));
      }
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    return { is16Bit: is16Bit ?? false };
  } finally {
    await file.close();
  }
}

/** 64 bytes, in the order of bytes of this machine, after a number that tells it. */
function headerOf({ width, height }: PictureSize, channels: number, is16Bit: boolean): Uint8Array {
  const header = new DataView(new ArrayBuffer(64));
  const isLittle = endianness() === 'LE';
  header.setUint32(0, isLittle ? 0xb6a6f208 : 0x08f2a6b6);
  // Bits and kind of a sample (unsigned char or short), no coding, and what the bands mean (RGB of 16 bits, sRGB).
  const fields = [width, height, channels, is16Bit ? 16 : 8, is16Bit ? 2 : 0, 0, is16Bit ? 25 : 22];
  for (const [i, value] of fields.entries()) header.setInt32(4 + 4 * i, value!, isLittle);
  for (const at of [32, 36]) header.setFloat32(at, 1, isLittle);
  return new Uint8Array(header.buffer);
}
