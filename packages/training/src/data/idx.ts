/** Small grey images of one size, as MNIST and Fashion-MNIST publish them: IDX files, gzipped or not. */
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readRegularFile } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import { TrainingError } from '../errors.ts';
import { reasonOf } from './photos.ts';

/**
 * Parses an IDX file of unsigned bytes with three axes.
 *
 * @returns Grey images of one size, which share the bytes.
 * @throws TrainingError `IMAGE_UNREADABLE` when the bytes are something else.
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 */
export function parseIdx(bytes: Uint8Array): Raster[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // 0x0803: unsigned bytes, three axes.
  if (bytes.length < 16 || view.getUint32(0) !== 0x0803) throw unreadable('an IDX file of images', 'other bytes');
  const [count, height, width] = [4, 8, 12].map((at) => view.getUint32(at)) as [number, number, number];
  const [data, size] = [bytes.subarray(16), height * width];
  if (count * size === 0) throw unreadable('images with pixels', `${count} of ${height}×${width}`);
  if (data.length !== count * size) throw unreadable(`${count} images of ${height}×${width}`, `${data.length} bytes`);
  return Array.from({ length: count }, (_, i) => {
    return { data: data.subarray(i * size, (i + 1) * size), width, height, channels: 1 };
  });
}

/** A gigabyte: twenty times MNIST. A small archive may unpack to far more. */
const maxOutputLength = 2 ** 30;

/** Parses an IDX file of unsigned bytes with one axis: the classes of images. @throws TrainingError `IMAGE_UNREADABLE` */
export function parseIdxLabels(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // 0x0801: unsigned bytes, one axis.
  if (bytes.length < 8 || view.getUint32(0) !== 0x0801) throw unreadable('an IDX file of labels', 'other bytes');
  const [count, data] = [view.getUint32(4), bytes.subarray(8)];
  if (data.length !== count) throw unreadable(`${count} labels`, `${data.length} bytes`);
  return data;
}

/** Names under which training images are published. */
const trainNames = ['train-images-idx3-ubyte.gz', 'train-images-idx3-ubyte'];

/**
 * Reads an IDX file.
 *
 * @param path  The file, or a folder with the training images of MNIST or a set like it.
 * @returns undefined when there is no such file; so a folder of photos is none.
 * @throws TrainingError `IMAGE_UNREADABLE` when it is damaged.
 */
export async function readIdx(path: string): Promise<Raster[] | undefined> {
  return readFirst([path, ...trainNames.map((name) => join(path, name))], parseIdx);
}

/**
 * Reads the classes of the images that `readIdx` reads, from the file that has `labels-idx1` in place of `images-idx3` in its
 * name.
 *
 * @returns undefined when there is no such file.
 * @throws TrainingError `IMAGE_UNREADABLE` when it is damaged.
 */
export async function readIdxLabels(path: string): Promise<Uint8Array | undefined> {
  const named = [basename(path), ...trainNames].filter((name) => name.includes('images-idx3'));
  const folders = [dirname(path), ...trainNames.map(() => path)].slice(-named.length);
  const files = named.map((name, i) => join(folders[i]!, name.replace('images-idx3', 'labels-idx1')));
  return readFirst(files, parseIdxLabels);
}

/** The first of the files that is there, unzipped and parsed. */
async function readFirst<T>(files: readonly string[], parse: (bytes: Uint8Array) => T): Promise<T | undefined> {
  for (const file of files) {
    const bytes = await readRegularFile(file).catch(() => undefined);
    if (bytes === undefined) continue;
    try {
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return parse(new Uint8Array(isZipped ? gunzipSync(bytes, { maxOutputLength }) : bytes));
    } catch (cause) {
      if (cause instanceof TrainingError) throw cause;
      throw unreadable(`an IDX file at '${file}'`, reasonOf(cause), cause);
    }
  }
  return undefined;
}

function unreadable(expected: string, got: string, cause?: unknown): TrainingError {
  const fix = 'Download the file again';
  return new TrainingError({ code: 'IMAGE_UNREADABLE', message: `expected ${expected}, got ${got}`, fix, cause });
}
