/** Small grey images of one size, as MNIST and Fashion-MNIST publish them: IDX files, gzipped or not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { TrainingError } from '../errors.ts';
import { reasonOf } from './photos.ts';

/** Grey images of one size, 8 bits, one after the other. */
export interface GrayImages {
  readonly data: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Parses an IDX file of unsigned bytes with three axes.
 *
 * @throws TrainingError `IMAGE_UNREADABLE` when the bytes are something else.
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 */
export function parseIdx(bytes: Uint8Array): GrayImages {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // 0x0803: unsigned bytes, three axes.
  if (bytes.length < 16 || view.getUint32(0) !== 0x0803) throw unreadable('an IDX file of images', 'other bytes');
  const [count, height, width] = [4, 8, 12].map((at) => view.getUint32(at)) as [number, number, number];
  const data = bytes.subarray(16);
  if (data.length !== count * height * width)
    throw unreadable(`${count} images of ${height}×${width}`, `${data.length} bytes`);
  return { data, count, height, width };
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
export async function readIdx(path: string): Promise<GrayImages | undefined> {
  for (const file of [path, ...trainNames.map((name) => join(path, name))]) {
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) continue;
    try {
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return parseIdx(new Uint8Array(isZipped ? gunzipSync(bytes) : bytes));
    } catch (cause) {
      if (cause instanceof TrainingError) throw cause;
      throw unreadable(`an IDX file at '${file}'`, reasonOf(cause), cause);
    }
  }
  return undefined;
}

/** The images from `start` on, `count` of them; views, not copies. */
export function pickImages({ data, height, width }: GrayImages, start: number, count: number): GrayImages {
  const size = height * width;
  return { data: data.subarray(start * size, (start + count) * size), count, height, width };
}

/** Pixels as networks take them: f32 in [−1, 1]. */
export function toFloats(pixels: Uint8Array): Float32Array {
  return Float32Array.from(pixels, (value) => value / 127.5 - 1);
}

function unreadable(expected: string, got: string, cause?: unknown): TrainingError {
  const fix = 'Download the file again';
  return new TrainingError({ code: 'IMAGE_UNREADABLE', message: `expected ${expected}, got ${got}`, fix, cause });
}
