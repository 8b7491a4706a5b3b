/** What models of small images are trained on and judged by: images in memory, or crops of photos. */
import { basename } from 'node:path';
import { type HostTensor, random, type Tensor } from '@vqkit/core';
import { type Raster, unitValues } from '@vqkit/images';
import { type BatchSource, hostTensor, type OnHost } from '../../data/batch-source.ts';
import { randomCrop } from '../../data/crop.ts';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import { chooseEvenly, listPhotos, readPhotos } from '../../data/photos.ts';
import { heldOutNames } from '../photo/held-out.ts';

/** Images of one size, some of them held out. */
export interface ImageSet {
  /** C. */
  readonly channels: number;
  /** Pixels along each axis. */
  readonly size: readonly [height: number, width: number];
  /** Images that are trained on. */
  readonly count: number;
  /** Variance of pixels on [0, 1]. */
  readonly variance: number;
  /** Batches of f32 `[batch, H, W, C]` in [−1, 1]. */
  open(batch: number, seed: number): Promise<BatchSource>;
  /** Those held out, in batches. */
  readonly heldOut: readonly HostTensor[];
}

/** Images with their classes. */
export interface LabelledBatch {
  /** f32 `[N, H, W, C]` in [−1, 1]. */
  readonly pixels: Tensor;
  /** u32 `[N]`. */
  readonly labels: Tensor;
}

/** Images of one size, of which each may have a class. */
export interface LabelledSet extends Pick<ImageSet, 'channels' | 'size' | 'count'> {
  /** Number of classes; 0 for none, and all labels are 0. */
  readonly classes: number;
  open(batch: number, seed: number): Promise<BatchSource<LabelledBatch>>;
  readonly heldOut: readonly OnHost<LabelledBatch>[];
}

/** Variance of all pixels on [0, 1]: 0.0949 for MNIST, 0.1246 for Fashion-MNIST (both training sets). */
export function pixelVariance(images: readonly Raster[]): number {
  let [sum, squares, count] = [0, 0, 0];
  for (const { data } of images) {
    count += data.length;
    for (const value of data) {
      sum += value;
      squares += value * value;
    }
  }
  return (squares / count - (sum / count) ** 2) / 255 ** 2;
}

/** Images that are held out are measured in batches of so many. */
const chunk = 250;

/** Images of one size; the last `heldOut` of them are held out. Batches have an order that is new in every epoch. */
export function grayImageSet(images: readonly Raster[], heldOut: number): ImageSet {
  const { height, width, channels } = images[0]!;
  const count = images.length - heldOut;
  return {
    channels,
    size: [height, width],
    count,
    variance: pixelVariance(images.slice(0, count)),
    open: async (batch, seed) =>
      shuffled<Tensor>(count, batch, seed, (places) => pixelsOf(places.map((i) => images[i]!))),
    heldOut: chunksOf(count, images.length).map(([from, to]) => pixelsOf(images.slice(from, to))),
  };
}

/** The same with classes, one of each image; none where there are no labels. */
export function labelledImageSet(
  images: readonly Raster[],
  labels: ArrayLike<number> | undefined,
  heldOut: number,
): LabelledSet {
  const { height, width, channels } = images[0]!;
  const count = images.length - heldOut;
  const batchOf = (places: readonly number[]): OnHost<LabelledBatch> => ({
    pixels: pixelsOf(places.map((i) => images[i]!)),
    labels: { data: Uint32Array.from(places, (i) => labels?.[i] ?? 0), shape: [places.length], dtype: 'u32' },
  });
  return {
    channels,
    size: [height, width],
    count,
    classes: labels ? Math.max(...Array.from(labels)) + 1 : 0,
    open: async (batch, seed) => shuffled<LabelledBatch>(count, batch, seed, batchOf),
    heldOut: chunksOf(count, images.length).map(([from, to]) =>
      batchOf(Array.from({ length: to - from }, (_, i) => from + i)),
    ),
  };
}

/** Any images as such without classes. */
export function unlabelled({ channels, size, count, open, heldOut }: ImageSet): LabelledSet {
  const labelled = (pixels: HostTensor): OnHost<LabelledBatch> => {
    const n = pixels.shape[0]!;
    return { pixels, labels: { data: new Uint32Array(n), shape: [n], dtype: 'u32' } };
  };
  return {
    channels,
    size,
    count,
    classes: 0,
    open: async (batch, seed) => {
      const source = await open(batch, seed);
      return {
        get skipped() {
          return source.skipped;
        },
        batch: async (index) => labelled(await source.batch(index)),
        dispose: source.dispose,
      };
    },
    heldOut: heldOut.map(labelled),
  };
}

function chunksOf(from: number, to: number): [from: number, to: number][] {
  return Array.from({ length: Math.ceil((to - from) / chunk) }, (_, i) => [
    from + i * chunk,
    Math.min(from + (i + 1) * chunk, to),
  ]);
}

/** f32 `[N, H, W, C]` in [−1, 1]. */
function pixelsOf(images: readonly Raster[]): HostTensor {
  const { height, width, channels } = images[0]!;
  const pixels = new Float32Array(images.length * height * width * channels);
  images.forEach(({ data }, i) => pixels.set(unitValues(data), i * data.length));
  return hostTensor(pixels, [images.length, height, width, channels]);
}

/** Batches of places below `count`, in an order that is new in every epoch. */
function shuffled<B>(
  count: number,
  batch: number,
  seed: number,
  batchOf: (places: readonly number[]) => OnHost<B>,
): BatchSource<B> {
  const perEpoch = Math.floor(count / batch);
  let order: { epoch: number; places: Uint32Array } = { epoch: -1, places: new Uint32Array(0) };
  return {
    batch: async (index) => {
      const epoch = Math.floor(index / perEpoch);
      if (order.epoch !== epoch) order = { epoch, places: random(seed).split(epoch).permutation(count) };
      const start = (index % perEpoch) * batch;
      return batchOf(Array.from(order.places.subarray(start, start + batch)));
    },
    dispose: async () => undefined,
  };
}

/**
 * Random crops of photos; one crop each of those held out: a twelfth, 48 at most, or those that a text file names, one a line. An epoch
 * is a crop of each of the rest.
 *
 * @throws TrainingError `DATA_MISSING` when the file or a photo that it names is not there
 */
export async function photoImageSet(folder: string, size: number, heldOutFile?: string): Promise<ImageSet> {
  const all = await listPhotos(folder);
  const names = heldOutFile === undefined ? undefined : await heldOutNames(folder, heldOutFile);
  const held = names
    ? all.filter((file) => names.includes(basename(file)))
    : chooseEvenly(all, Math.min(48, Math.max(1, Math.floor(all.length / 12))));
  const crops: Float32Array[] = [];
  for await (const photo of readPhotos(held, { atLeast: size }))
    crops.push(randomCrop(photo, random(1).split(crops.length), { size, jitter: 0, turns: false }));
  const values = crops.flatMap((crop) => Array.from(crop, (value) => (value + 1) / 2));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    channels: 3,
    size: [size, size],
    count: all.length - held.length,
    variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
    open: (batch, seed) => openPhotoFolder({ folder, batch, seed, size, without: held.map((file) => basename(file)) }),
    heldOut: crops.map((crop) => hostTensor(crop, [1, size, size, 3])),
  };
}
