/**
 * The thread that makes batches of crops: decodes photos with sharp, keeps them in memory up to a budget, and answers
 * each request with one batch. What a batch holds depends on the seed and its number alone, so a resumed run sees
 * exactly the batches that an uninterrupted one would have seen.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { random } from '@vqkit/core';
import sharp from 'sharp';
import { type CropOptions, type RgbImage, randomCrop } from './crop.ts';

/** What the thread is started with. */
export interface CropWorkerData {
  readonly files: readonly string[];
  readonly batch: number;
  readonly seed: number;
  readonly crop: CropOptions;
  /** Decoded photos to keep, in bytes. */
  readonly cacheBytes: number;
}

/** What it answers: a batch, or why there is none. */
export type CropWorkerReply =
  | { readonly index: number; readonly pixels: Float32Array }
  | { readonly index: number; readonly error: string };

const { files, batch, seed, crop, cacheBytes } = workerData as CropWorkerData;
const cache = new Map<string, RgbImage>();
let cachedBytes = 0;

async function load(file: string): Promise<RgbImage> {
  const known = cache.get(file);
  if (known) return known;
  const decoded = sharp(file).rotate().flatten({ background: '#ffffff' }).toColourspace('srgb').removeAlpha();
  const { width = 0, height = 0 } = await sharp(file).metadata();
  // Photos smaller than a crop are enlarged to just fit.
  const isSmall = Math.min(width, height) < crop.size;
  const sized = isSmall ? decoded.resize({ width: crop.size, height: crop.size, fit: 'outside' }) : decoded;
  const { data, info } = await sized.raw().toBuffer({ resolveWithObject: true });
  const image = {
    data: info.channels === 3 ? new Uint8Array(data) : repeatGrey(data),
    width: info.width,
    height: info.height,
  };
  if (cachedBytes + image.data.length <= cacheBytes) {
    cache.set(file, image);
    cachedBytes += image.data.length;
  }
  return image;
}

function repeatGrey(data: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(data.length * 3);
  data.forEach((value, i) => rgb.fill(value, i * 3, i * 3 + 3));
  return rgb;
}

async function makeBatch(index: number): Promise<Float32Array> {
  const stream = random(seed).split(index);
  const values = crop.size ** 2 * 3;
  const pixels = new Float32Array(batch * values);
  for (let i = 0; i < batch; i++) {
    const image = await load(files[stream.integer(files.length)]!);
    pixels.set(randomCrop(image, stream, crop), i * values);
  }
  return pixels;
}

parentPort!.on('message', (index: number) => {
  makeBatch(index).then(
    (pixels) => parentPort!.postMessage({ index, pixels } satisfies CropWorkerReply, [pixels.buffer as ArrayBuffer]),
    (error: unknown) =>
      parentPort!.postMessage({
        index,
        error: error instanceof Error ? error.message : String(error),
      } satisfies CropWorkerReply),
  );
});
