/** Data sets with their classes: IDX files, and CIFAR-10 as sheets of lossless WebP, one of each class and split. */
import { readdir } from 'node:fs/promises';
import { cut, type Raster } from '@vqkit/images';
import { readIdxLabels } from '@vqkit/training';
import sharp from 'sharp';
import { dataPath } from '../../../tooling/shared-data.ts';
import { type ImageSet, loadImageSet } from './idx.ts';

/** Images and the class of each. */
export interface LabelledImages extends ImageSet {
  readonly trainLabels: Uint8Array;
  readonly testLabels: Uint8Array;
}

/** Data sets by name. */
export const labelledSets = ['mnist', 'fashion-mnist', 'cifar-10'] as const;

/** Loads a data set by the name of its folder. @throws Error when it is not there. */
export async function loadLabelledSet(name: string, folder = dataPath()): Promise<LabelledImages> {
  if (name === 'cifar-10') {
    const [train, test] = [await sheetsOf(`${folder}/${name}`, 'train'), await sheetsOf(`${folder}/${name}`, 'test')];
    return { train: train.images, trainLabels: train.labels, test: test.images, testLabels: test.labels };
  }
  const labels = async (file: string): Promise<Uint8Array> => {
    const found = await readIdxLabels(`${folder}/${name}/${file}`);
    if (found === undefined) throw new Error(`expected the labels of ${file} in '${folder}/${name}': set VQKIT_DATA`);
    return found;
  };
  const images = await loadImageSet(name, folder);
  const [trainLabels, testLabels] = [
    await labels('train-images-idx3-ubyte.gz'),
    await labels('t10k-images-idx3-ubyte.gz'),
  ];
  return { ...images, trainLabels, testLabels };
}

/** Pixels of an image along each axis. */
const side = 32;

/** All images of a split, one of each class in turn. */
async function sheetsOf(folder: string, split: string): Promise<{ images: Raster[]; labels: Uint8Array }> {
  const files = (await readdir(folder)).filter((file) => file.startsWith(`${split}-`)).sort();
  if (files.length === 0) throw new Error(`expected sheets named ${split}-<class>-<name>.webp in '${folder}'`);
  const classes = await Promise.all(
    files.map(async (file) => {
      const { data, info } = await sharp(`${folder}/${file}`).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const sheet = { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 };
      const columns = info.width / side;
      return Array.from({ length: columns * (info.height / side) }, (_, i) => {
        const place = { left: (i % columns) * side, top: Math.floor(i / columns) * side, width: side, height: side };
        return { data: cut<Uint8Array>(sheet, place), width: side, height: side, channels: 3 };
      });
    }),
  );
  const count = classes.length * Math.min(...classes.map((own) => own.length));
  return {
    images: Array.from({ length: count }, (_, i) => classes[i % classes.length]![Math.floor(i / classes.length)]!),
    labels: Uint8Array.from({ length: count }, (_, i) => Number(files[i % classes.length]!.split('-')[1])),
  };
}
