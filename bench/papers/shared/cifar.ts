/**
 * CIFAR-10: the official binary files, or sheets of lossless WebP, one per class and split (`train-3-cat.webp`), of 32×32 images row
 * by row.
 *
 * @see Krizhevsky 2009; https://www.cs.toronto.edu/~kriz/cifar.html for the binary format
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cut, type Raster } from '@vqkit/images';
import sharp from 'sharp';
import type { LabelledImages } from './labelled-sets.ts';

/** Pixels of an image along each axis, and of one of its planes. */
const side = 32;
const plane = side * side;

/** A label, then the planes of red, green and blue. */
const recordBytes = 1 + 3 * plane;

/** Images and the class of each. */
interface Split {
  readonly images: readonly Raster[];
  readonly labels: Uint8Array;
}

/** What an official file holds, `data_batch_1.bin`, …, `test_batch.bin`. @throws Error for another length */
export function parseCifar(bytes: Uint8Array, name = 'the file'): Split {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0)
    throw new Error(`expected records of ${recordBytes} bytes in ${name}, got ${bytes.length} bytes: fetch it again`);
  const count = bytes.length / recordBytes;
  const images = Array.from({ length: count }, (_, k) => {
    const planes = bytes.subarray(k * recordBytes + 1, (k + 1) * recordBytes);
    const data = Uint8Array.from({ length: 3 * plane }, (_, i) => planes[(i % 3) * plane + Math.floor(i / 3)]!);
    return { data, width: side, height: side, channels: 3 };
  });
  return { images, labels: Uint8Array.from({ length: count }, (_, k) => bytes[k * recordBytes]!) };
}

/** Loads the set from a folder of either form. @throws Error when it is neither. */
export async function loadCifar(folder: string): Promise<LabelledImages> {
  for (const own of [folder, join(folder, 'cifar-10-batches-bin')]) {
    const found = [await binariesOf(own, /^data_batch_[1-5]\.bin$/), await binariesOf(own, /^test_batch\.bin$/)];
    if (found.every(({ images }) => images.length > 0)) return labelled(found[0]!, found[1]!);
  }
  const [train, test] = [await sheetsOf(folder, 'train'), await sheetsOf(folder, 'test')];
  if (train.images.length > 0 && test.images.length > 0) return labelled(train, test);
  throw new Error(
    `expected data_batch_1.bin … and test_batch.bin of CIFAR-10 in '${folder}', or sheets named train-<class>-<name>.webp: set VQKIT_DATA`,
  );
}

const labelled = (train: Split, test: Split): LabelledImages => ({
  train: train.images,
  trainLabels: train.labels,
  test: test.images,
  testLabels: test.labels,
});

async function filesOf(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => pattern.test(name)).sort();
}

async function binariesOf(folder: string, pattern: RegExp): Promise<Split> {
  const files = await filesOf(folder, pattern);
  const parts = await Promise.all(files.map(async (name) => parseCifar(await readFile(join(folder, name)), name)));
  return {
    images: parts.flatMap(({ images }) => images),
    labels: Uint8Array.from(parts.flatMap(({ labels }) => Array.from(labels))),
  };
}

/** All images of a split, one of each class in turn, so that what is held out has all classes. */
async function sheetsOf(folder: string, split: string): Promise<Split> {
  const files = await filesOf(folder, new RegExp(`^${split}-\\d+-.*\\.webp$`));
  const classes = await Promise.all(files.map((name) => readSheet(join(folder, name))));
  const count = files.length === 0 ? 0 : classes.length * Math.min(...classes.map((own) => own.length));
  return {
    images: Array.from({ length: count }, (_, i) => classes[i % classes.length]![Math.floor(i / classes.length)]!),
    labels: Uint8Array.from({ length: count }, (_, i) => Number(files[i % classes.length]!.split('-')[1])),
  };
}

async function readSheet(file: string): Promise<Raster[]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const sheet = { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 };
  const columns = info.width / side;
  return Array.from({ length: columns * (info.height / side) }, (_, i) => {
    const place = { left: (i % columns) * side, top: Math.floor(i / columns) * side, width: side, height: side };
    return { data: cut<Uint8Array>(sheet, place), width: side, height: side, channels: 3 };
  });
}
