/** A folder of photos as an endless, seeded stream of training crops, decoded in a thread of its own. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TrainingError } from '../errors.ts';
import type { CropOptions } from './crop.ts';
import type { CropWorkerData, CropWorkerReply } from './crop-worker.ts';

/** Batches by number. */
export interface BatchSource {
  /** Batch `index`, f32 `[batch, size, size, 3]` in [−1, 1], row-major. The next few are prepared ahead. */
  batch(index: number): Promise<Float32Array>;
  /** Ends the thread. */
  dispose(): Promise<void>;
}

/** Where crops come from and how many go into a batch. */
export interface PhotoFolderOptions extends CropOptions {
  readonly folder: string;
  readonly batch: number;
  readonly seed: number;
  /** Keep decoded photos in memory up to this. Default 2 GiB. */
  readonly cacheBytes?: number;
  /** Batches prepared ahead. Default 3. */
  readonly ahead?: number;
}

const photoPattern = /\.(jpe?g|png|webp|avif|tiff?)$/i;

/** Photos in a folder, sorted by name. @throws TrainingError `DATA_MISSING` when there are none. */
export async function listPhotos(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new TrainingError({
      code: 'DATA_MISSING',
      message: `expected a folder of photos at '${folder}'`,
      fix: 'Check the path given with --data',
      cause,
    });
  });
  const photos = names.filter((name) => photoPattern.test(name)).sort();
  if (photos.length > 0) return photos.map((name) => join(folder, name));
  throw new TrainingError({
    code: 'DATA_MISSING',
    message: `expected photos (jpg, png, webp, avif, tiff) in '${folder}', got none`,
    fix: 'Check the path given with --data',
  });
}

/** Opens a folder for training. @throws TrainingError `DATA_MISSING`; batches reject with `IMAGE_UNREADABLE`. */
export async function openPhotoFolder(options: PhotoFolderOptions): Promise<BatchSource> {
  const { folder, batch, seed, cacheBytes = 2 * 2 ** 30, ahead = 3, ...crop } = options;
  const workerData: CropWorkerData = { files: await listPhotos(folder), batch, seed, crop, cacheBytes };
  // From sources this module is TypeScript; published, it is bundled next to crop-worker.js.
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './crop-worker.ts' : './crop-worker.js', import.meta.url),
    { workerData },
  );
  const waiting = new Map<number, { resolve: (pixels: Float32Array) => void; reject: (error: unknown) => void }>();
  const requested = new Map<number, Promise<Float32Array>>();

  worker.on('message', (reply: CropWorkerReply) => {
    const request = waiting.get(reply.index);
    waiting.delete(reply.index);
    if ('pixels' in reply) request?.resolve(reply.pixels);
    else
      request?.reject(
        new TrainingError({
          code: 'IMAGE_UNREADABLE',
          message: `expected readable photos in '${folder}': ${reply.error}`,
          fix: 'Remove or repair the damaged file',
        }),
      );
  });
  worker.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });

  const request = (index: number): Promise<Float32Array> => {
    const known = requested.get(index);
    if (known) return known;
    const made = new Promise<Float32Array>((resolve, reject) => waiting.set(index, { resolve, reject }));
    made.catch(() => undefined); // Prepared ahead: a failure is reported when the batch is asked for.
    requested.set(index, made);
    worker.postMessage(index);
    return made;
  };

  return {
    batch: async (index) => {
      for (let i = index; i <= index + ahead; i++) request(i);
      const pixels = await request(index);
      requested.delete(index);
      return pixels;
    },
    dispose: async () => {
      await worker.terminate();
    },
  };
}
