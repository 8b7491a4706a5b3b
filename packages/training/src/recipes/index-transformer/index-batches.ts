/** Batches of a transformer over index maps: crops, what is taken away of their maps, and their rates. */
import { random, type Tensor } from '@vqkit/core';
import { type BatchSource, hostTensor } from '../../data/batch-source.ts';
import { openPhotoFolder, type PhotoFolderOptions } from '../../data/photo-folder.ts';
import { randomHoles } from './holes.ts';

/** A batch. */
export interface IndexBatch {
  /** f32 `[N, H, W, 3]` in [−1, 1]. */
  readonly pixels: Tensor;
  /** 1 in holes, f32 `[N, h, w, 1]`. */
  readonly holes: Tensor;
  /** Places in the list of rates, u32 `[N]`. */
  readonly rates: Tensor;
  /** log₂ of the sizes of their codebooks, u32 `[N]`. */
  readonly bits: Tensor;
}

/** u32 values on the host, `[n]`. */
export function words(values: readonly number[]) {
  return { data: Uint32Array.from(values), shape: [values.length], dtype: 'u32' } as const;
}

/** Opens a folder of photos. @throws TrainingError `DATA_MISSING` */
export async function openIndexBatches(
  options: PhotoFolderOptions & { readonly positionPixels: number; readonly codebookSizes: readonly number[] },
): Promise<BatchSource<IndexBatch>> {
  const { positionPixels, codebookSizes, ...crops } = options;
  const { batch, size, seed } = crops;
  const photos = await openPhotoFolder(crops);
  const side = size / positionPixels;
  return {
    get skipped() {
      return photos.skipped;
    },
    batch: async (index) => {
      const stream = random(seed).split(index).split(batch);
      const maps = Array.from({ length: batch }, () => randomHoles(stream, side, side));
      const rates = maps.map(() => stream.integer(codebookSizes.length));
      return {
        pixels: await photos.batch(index),
        holes: hostTensor(Float32Array.from(maps.flatMap((map) => [...map])), [batch, side, side, 1]),
        rates: words(rates),
        bits: words(rates.map((rate) => Math.round(Math.log2(codebookSizes[rate]!)))),
      };
    },
    dispose: photos.dispose,
  };
}
