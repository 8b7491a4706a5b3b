/**
 * CIFAR-10: the official binary files, or sheets of lossless WebP, one per class and split (`train-3-cat.webp`), of 32×32 images row
 * by row.
 *
 * @see Krizhevsky 2009; https://www.cs.toronto.edu/~kriz/cifar.html for the binary format
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Raster } from '@vqkit/images';
import sharp from 'sharp';
import type { ImageSet } from './idx.ts';

const side = 32;
const plane = side * side;

/** A label, then the planes of red, green and blue. */
const recordBytes = 1 + 3 * plane;

/** Images of an official file, `data_batch_1.bin`, …, `test_batch.bin`. @throws Error for another length */
export function parseCifar(bytes: Uint8Array, name = 'the file'): Raster[] {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0)
    throw new Error(`expected records of ${recordBytes} bytes in ${name}, got ${bytes.length} bytes: fetch it again`);
  return Array.from({ length: bytes.length / recordBytes }, (_, k) => {
    const planes = bytes.subarray(k * recordBytes + 1, (k + 1) * recordBytes);
    const data = Uint8Array.from({ length: 3 * plane }, (_, i) => planes[(i % 3) * plane + Math.floor(i / 3)]!);
    return { data, width: side, height: side, channels: 3 };
  });
}

/** Loads the set from a folder of either form. @throws Error when it is neither. */
export async function loadCifar(folder: string): Promise<ImageSet> {
  for (const own of [folder, join(folder, 'cifar-10-batches-bin')]) {
    const names = await readdir(own).catch(() => [] as string[]);
    const load = async (pattern: RegExp): Promise<Raster[]> => {
      const found = names.filter((name) => pattern.test(name)).sort();
      const files = await Promise.all(found.map(async (name) => parseCifar(await readFile(join(own, name)), name)));
      return files.flat();
    };
    const [train, test] = [await load(/^data_batch_[1-5]\.bin$/), await load(/^test_batch\.bin$/)];
    if (train.length > 0 && test.length > 0) return { train, test };
  }
  const names = await readdir(folder).catch(() => [] as string[]);
  const load = async (split: string): Promise<Raster[]> => {
    const sheets = names.filter((name) => name.startsWith(`${split}-`) && name.endsWith('.webp')).sort();
    return inTurns(await Promise.all(sheets.map((name) => readSheet(join(folder, name)))));
  };
  const [train, test] = [await load('train'), await load('test')];
  if (train.length > 0 && test.length > 0) return { train, test };
  throw new Error(`expected data_batch_1.bin … and test_batch.bin of CIFAR-10 in '${folder}': set VQKIT_DATA`);
}

/** One image of each class after the other, so that what is held out has all of them. */
function inTurns(classes: readonly (readonly Raster[])[]): Raster[] {
  const longest = Math.max(0, ...classes.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => classes.flatMap((own) => own.slice(i, i + 1))).flat();
}

async function readSheet(file: string): Promise<Raster[]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const columns = Math.floor(info.width / side);
  return Array.from({ length: columns * Math.floor(info.height / side) }, (_, k) => {
    const [left, top] = [side * (k % columns), side * Math.floor(k / columns)];
    const pixels = new Uint8Array(3 * plane);
    for (let y = 0; y < side; y++) {
      const from = 3 * ((top + y) * info.width + left);
      pixels.set(data.subarray(from, from + 3 * side), 3 * y * side);
    }
    return { data: pixels, width: side, height: side, channels: 3 };
  });
}
