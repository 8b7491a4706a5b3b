/**
 * Learns the priors of the entropy coder: images are coded to indices with each codebook of a model, and each prior
 * learns which indices follow which. Priors are part of the weights: files name the one they need.
 */
import type { Backend, HostTensor } from '@vqkit/core';
import type { InputImage } from '@vqkit/images';
import { priorFile, type RateModel, type TokenizerModel, tokenizerOf } from '@vqkit/tokenizer';
import { clusterOrder, type IndexMap, type NetworkOptions, trainPrior } from './bitstream/index.ts';
import { isModePossible } from './bitstream/index-map.ts';

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
  readonly model: TokenizerModel;
  readonly backend: Backend;
  /** Images as they will be coded: of typical sizes, some thousands of positions each. */
  readonly images: AsyncIterable<InputImage> | Iterable<InputImage>;
  /** The network inside each prior; `false` for none. Default: that of the bitstream. */
  readonly network?: NetworkOptions | false;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PriorTrainingProgress) => void;
}

/**
 * Trains one prior per rate of the model, but for codebooks of more than 32,768 codes, as FSQ's may be: no prior describes so many, and
 * their indices are coded without.
 *
 * @returns Prior files by name: `prior-<K>.vqp` for nested codebooks, `prior.vqp` for a quantizer; name it in the manifest.
 * @throws the signal's reason.
 */
export async function trainPriors({
  model,
  backend,
  images,
  network,
  signal,
  onProgress,
}: PriorTrainingOptions): Promise<Map<string, Uint8Array>> {
  const rates = model.rates.filter(({ codebookSizes }) => isModePossible('static', codebookSizes));
  const priors = new Map<string, Uint8Array>();
  if (rates.length === 0) return priors;
  const maps = rates.map((): IndexMap[] => []);
  const tokenizer = tokenizerOf(model, backend);
  let item = 0;
  for await (const image of images) {
    const coded = await tokenizer.encode(image, { rates, signal });
    for (const [rate, map] of coded.entries()) maps[rate]!.push(map);
    onProgress?.({ phase: 'coding', item: ++item });
  }
  tokenizer.dispose();
  for (const [i, rate] of rates.entries()) {
    const [size] = rate.codebookSizes as [number];
    const report = ({ done }: { readonly done: number }): void => onProgress?.({ phase: 'learning', item: size, done });
    const settings = { orders: ordersOf(rate, maps[i]!), network, signal, onProgress: report };
    priors.set(model.manifest.quantizer ? 'prior.vqp' : priorFile(size), await trainPrior(maps[i]!, settings));
  }
  return priors;
}

/** Similar codes side by side, where a rate has one codebook. */
function ordersOf({ params, codebookSizes }: RateModel, maps: readonly IndexMap[]): Uint16Array[] | undefined {
  const { codebook } = params as Readonly<Record<string, HostTensor | undefined>>;
  const [size, dimension] = codebook?.shape ?? [];
  if (codebookSizes.length !== 1 || size !== codebookSizes[0]) return undefined;
  const weights = new Float64Array(size!);
  for (const { planes } of maps) for (const index of Array.from(planes[0]!)) weights[index]!++;
  return [clusterOrder(codebook!.data as Float32Array, { dimension: dimension!, weights })];
}
