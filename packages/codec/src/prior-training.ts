/**
 * Learns the priors of the entropy coder: images are coded to indices with each codebook of a model, and each prior
 * learns which indices follow which. Priors are part of the weights: files name the one they need.
 */
import type { Backend } from '@vqkit/core';
import { type InputImage, splitImage } from '@vqkit/images';
import { clusterOrder, type IndexMap, type NetworkOptions, trainPrior } from './bitstream/index.ts';
import { createNetworks } from './model/networks.ts';
import type { CodecModel } from './model/weights.ts';
import { nearestIndices } from './rate/nearest.ts';

/** What a long run reports. */
export interface PriorTrainingProgress {
  readonly phase: 'coding' | 'learning';
  /** Images coded, or codebook that is learned from. */
  readonly item: number;
  /** Share of the phase that is done, 0 to 1; only for `learning`. */
  readonly done?: number;
}

/** Options of `trainPriors`. */
export interface PriorTrainingOptions {
  readonly model: CodecModel;
  readonly backend: Backend;
  /** Images as they will be coded: of typical sizes, some thousands of positions each. */
  readonly images: AsyncIterable<InputImage> | Iterable<InputImage>;
  /** The network inside each prior; `false` for none. Default: that of the bitstream. */
  readonly network?: NetworkOptions | false;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PriorTrainingProgress) => void;
}

/**
 * Trains one prior per codebook.
 *
 * @returns Prior files by codebook size.
 * @throws the signal's reason.
 */
export async function trainPriors({
  model,
  backend,
  images,
  network,
  signal,
  onProgress,
}: PriorTrainingOptions): Promise<Map<number, Uint8Array>> {
  const maps = new Map<number, IndexMap[]>([...model.codebooks.keys()].map((size) => [size, []]));
  const networks = createNetworks(model, backend);
  let item = 0;
  for await (const image of images) {
    signal?.throwIfAborted();
    const { rgb, width, height } = splitImage(image);
    const features = await networks.encode({ data: rgb, width, height, channels: 3 });
    for (const [size, list] of maps) {
      const indices = await nearestIndices(backend, features, model.codebooks.get(size)!);
      list.push({ width: features.width, height: features.height, codebookSizes: [size], planes: [indices] });
    }
    onProgress?.({ phase: 'coding', item: ++item });
  }
  networks.dispose();
  const priors = new Map<number, Uint8Array>();
  for (const [size, list] of maps) {
    const { data, shape } = model.codebooks.get(size)!;
    const weights = countUses(list, size);
    const orders = [clusterOrder(data as Float32Array, { dimension: shape[1]!, weights })];
    const report = ({ done }: { readonly done: number }): void => onProgress?.({ phase: 'learning', item: size, done });
    priors.set(size, await trainPrior(list, { orders, network, signal, onProgress: report }));
  }
  return priors;
}

function countUses(maps: readonly IndexMap[], size: number): Float64Array {
  const counts = new Float64Array(size);
  for (const { planes } of maps) for (let i = 0; i < planes[0]!.length; i++) counts[planes[0]![i]!]!++;
  return counts;
}
