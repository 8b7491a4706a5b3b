/** A folder of photos as an endless, seeded stream of training crops, decoded in a thread of its own. */

import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Tensor } from '@vqkit/core';
import { TrainingError } from '../errors.ts';
import { type BatchSource, hostTensor, type OnHost, type SkippedInput } from './batch-source.ts';
import type { CropOptions } from './crop.ts';
import type { CropWorkerData, CropWorkerReply } from './crop-worker.ts';
import { allUnreadable, listPhotos } from './photos.ts';
import { type DegradationName, reductionScale } from './reduce.ts';

/** Where crops come from and how many go into a batch. */
export interface PhotoFolderOptions extends CropOptions {
  readonly folder: string;
  readonly batch: number;
  readonly seed: number;
  /** File names that are left out, e.g. those held out for validation. */
  readonly without?: readonly string[];
  /** Share of the crops that are drawn (colours, shapes, lines, signs) instead of cut from photos. Default 0. */
  readonly drawn?: number;
  /** Keep decoded photos in memory up to this. Default 2 GiB. */
  readonly cacheBytes?: number;
  /** Batches prepared ahead. Default 3. */
  readonly ahead?: number;
}

/** Crops and their small images. */
export interface ImagePairs {
  /** f32 `[batch, size, size, 3]` in [−1, 1]. */
  readonly large: Tensor;
  /** f32 `[batch, size/4, size/4, 3]` in [−1, 1]. */
  readonly small: Tensor;
}

interface Waiting {
  resolve(reply: CropWorkerReply): void;
  reject(error: unknown): void;
}

/**
 * Opens a folder for training: batches of f32 `[batch, size, size, 3]` in [−1, 1]. Photos that cannot be read are left
 * out and listed in `skipped`.
 *
 * @throws TrainingError `DATA_MISSING`; batches reject with `IMAGE_UNREADABLE` when no photo can be read.
 */
export function openPhotoFolder(options: PhotoFolderOptions): Promise<BatchSource> {
  const shape = [options.batch, options.size, options.size, 3];
  return openCrops<Tensor>(options, undefined, ({ pixels }) => hostTensor(pixels!, shape));
}

/** The same with a small image beside each crop, whose side must be a multiple of 4. */
export function openPairFolder(
  options: PhotoFolderOptions & { readonly degradation: DegradationName },
): Promise<BatchSource<ImagePairs>> {
  const { batch, size, degradation } = options;
  const side = size / reductionScale;
  return openCrops<ImagePairs>(options, degradation, ({ pixels, small }) => ({
    large: hostTensor(pixels!, [batch, size, size, 3]),
    small: hostTensor(small!, [batch, side, side, 3]),
  }));
}

async function openCrops<B>(
  options: PhotoFolderOptions,
  degradation: DegradationName | undefined,
  toBatch: (reply: CropWorkerReply) => OnHost<B>,
): Promise<BatchSource<B>> {
  const { folder, batch, seed, without = [], drawn = 0, cacheBytes = 2 * 2 ** 30, ahead = 3, ...crop } = options;
  const files = (await listPhotos(folder)).filter((file) => !without.includes(basename(file)));
  if (files.length === 0) {
    throw new TrainingError({
      code: 'DATA_MISSING',
      message: `expected photos in '${folder}' besides those held out, got none`,
      fix: 'Train on more photos than are held out',
    });
  }
  const workerData: CropWorkerData = { files, batch, seed, crop, drawn, cacheBytes, degradation };
  // From sources this module is TypeScript; published, it is bundled next to crop-worker.js.
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './crop-worker.ts' : './crop-worker.js', import.meta.url),
    { workerData },
  );
  const waiting = new Map<number, Waiting>();
  const requested = new Map<number, Promise<CropWorkerReply>>();
  const skipped: SkippedInput[] = [];
  let ended: unknown;

  const end = (error: unknown): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (reply: CropWorkerReply) => {
    const request = waiting.get(reply.index);
    waiting.delete(reply.index);
    skipped.push(...reply.skipped);
    if (reply.pixels) request?.resolve(reply);
    else request?.reject(allUnreadable(skipped));
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the thread that makes batches has ended')));

  const request = (index: number): Promise<CropWorkerReply> => {
    const known = requested.get(index);
    if (known) return known;
    const made = new Promise<CropWorkerReply>((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      waiting.set(index, { resolve, reject });
    });
    made.catch(() => undefined); // Prepared ahead: a failure is reported when the batch is asked for.
    requested.set(index, made);
    if (ended === undefined) worker.postMessage(index);
    return made;
  };

  return {
    skipped,
    batch: async (index) => {
      for (let i = index; i <= index + ahead; i++) request(i);
      const reply = await request(index);
      requested.delete(index);
      return toBatch(reply);
    },
    dispose: async () => {
      await worker.terminate();
    },
  };
}
