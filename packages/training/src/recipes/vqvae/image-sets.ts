/** What an autoencoder of small images is trained on and judged by: grey images in memory, or crops of photos. */
import { basename } from 'node:path';
import { type HostTensor, random } from '@vqkit/core';
import { type Raster, unitValues } from '@vqkit/images';
import { type BatchSource, hostTensor } from '../../data/batch-source.ts';
import { randomCrop } from '../../data/crop.ts';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import { chooseEvenly, listPhotos, readPhotos } from '../../data/photos.ts';

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

/** Grey images of one size; the last `heldOut` of them are held out. Batches have an order that is new in every epoch. */
export function grayImageSet(images: readonly Raster[], heldOut: number): ImageSet {
  const { height, width } = images[0]!;
  const [trained, held] = [images.slice(0, images.length - heldOut), images.slice(images.length - heldOut)];
  const chunk = 250;
  return {
    channels: 1,
    size: [height, width],
    count: trained.length,
    variance: pixelVariance(trained),
    open: async (batch, seed) => openBatches(trained, batch, seed),
    heldOut: Array.from({ length: Math.ceil(heldOut / chunk) }, (_, i) =>
      batchOf(held.slice(i * chunk, (i + 1) * chunk)),
    ),
  };
}

/** f32 `[N, H, W, 1]` in [−1, 1]. */
function batchOf(images: readonly Raster[]): HostTensor {
  const { height, width } = images[0]!;
  const pixels = new Float32Array(images.length * height * width);
  images.forEach(({ data }, i) => pixels.set(unitValues(data), i * data.length));
  return hostTensor(pixels, [images.length, height, width, 1]);
}

function openBatches(images: readonly Raster[], batch: number, seed: number): BatchSource {
  const perEpoch = Math.floor(images.length / batch);
  let order: { epoch: number; places: Uint32Array } = { epoch: -1, places: new Uint32Array(0) };
  return {
    batch: async (index) => {
      const epoch = Math.floor(index / perEpoch);
      if (order.epoch !== epoch) order = { epoch, places: random(seed).split(epoch).permutation(images.length) };
      const start = (index % perEpoch) * batch;
      return batchOf(Array.from(order.places.subarray(start, start + batch), (place) => images[place]!));
    },
    dispose: async () => undefined,
  };
}

/** Random crops of photos; of a twelfth of them, 48 at most, one crop each is held out. An epoch is a crop of each of the rest. */
export async function photoImageSet(folder: string, size: number): Promise<ImageSet> {
  const all = await listPhotos(folder);
  const held = chooseEvenly(all, Math.min(48, Math.max(1, Math.floor(all.length / 12))));
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
