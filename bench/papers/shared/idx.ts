/** Reads the IDX files of MNIST and Fashion-MNIST, gzipped as they are published. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dataPath } from '../../../tooling/shared-data.ts';

/** Grey images of one size, 8 bits, one after the other. */
export interface GrayImages {
  readonly data: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** Training and test images. */
export interface ImageSet {
  readonly train: GrayImages;
  readonly test: GrayImages;
}

/**
 * Parses an IDX file of unsigned bytes with three axes.
 *
 * @throws Error when the bytes are something else.
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 */
export function parseIdx(bytes: Uint8Array): GrayImages {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // 0x0803: unsigned bytes, three axes.
  if (bytes.length < 16 || view.getUint32(0) !== 0x0803)
    throw new Error('expected an IDX file of images, got other bytes');
  const [count, height, width] = [4, 8, 12].map((at) => view.getUint32(at)) as [number, number, number];
  const data = bytes.subarray(16);
  if (data.length !== count * height * width) {
    throw new Error(`expected ${count} images of ${height}×${width}, got ${data.length} bytes`);
  }
  return { data, count, height, width };
}

/** The images from `start` on, `count` of them; views, not copies. */
export function pickImages({ data, height, width }: GrayImages, start: number, count: number): GrayImages {
  const size = height * width;
  return { data: data.subarray(start * size, (start + count) * size), count, height, width };
}

/** Loads a data set by the name of its folder. */
export async function loadImageSet(name: string, folder = dataPath()): Promise<ImageSet> {
  const load = async (file: string): Promise<GrayImages> =>
    parseIdx(gunzipSync(await readFile(join(folder, name, file))));
  return { train: await load('train-images-idx3-ubyte.gz'), test: await load('t10k-images-idx3-ubyte.gz') };
}
