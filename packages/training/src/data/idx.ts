/** Small grey images of one size, as MNIST and Fashion-MNIST publish them: IDX files, gzipped or not. */
import { join } from 'node:path';
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
  for (const file of [path, ...trainNames.map((name) => join(path, name))]) {
    const bytes = await readRegularFile(file).catch(() => undefined);
    if (bytes === undefined) continue;
    try {
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return parseIdx(new Uint8Array(isZipped ? gunzipSync(bytes, { maxOutputLength }) : bytes));
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
