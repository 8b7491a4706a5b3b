/**
 * From images to features, batch by batch: Inception for FID and KID, SqueezeNet where its weights are not at hand.
 * Values are named by their features; those of different extractors or protocols are not comparable.
 */

import {
  type Backend,
  compile,
  disposeTree,
  eventLoopTurn,
  mean,
  type Tensor,
  tensor,
  tidy,
  workPerTurn,
} from '@vqkit/core';
import { type AnyImage, unitValues } from '@vqkit/images';
import { normalizeColours } from '../lpips/lpips.ts';
import { loadConvolutions, type NetworkParams } from '../networks/convolution.ts';
import { type InceptionDimension, inceptionFeatures } from '../networks/inception-v3.ts';
import { squeezenet } from '../networks/squeezenet.ts';
import { resizePillow } from '../resize/pillow.ts';
import { requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary } from '../weights/state-dictionary.ts';
import { loadInception } from './load-inception.ts';
import { type FidProtocol, inceptionSize, prepareForInception, toRgb255 } from './prepare.ts';

/** Height and width that SqueezeNet gets. */
const squeezenetSize = 224;

/** Turns images into features. Made by `createInceptionExtractor` or `createSqueezenetExtractor`. */
export interface FeatureExtractor {
  /** What distances of these features are called. */
  readonly names: { readonly frechet: string; readonly kernel: string };
  /** Network, layer and protocol, e.g. `inception-2048/pytorch-fid`. */
  readonly id: string;
  readonly dimension: number;
  /** Features of a batch, f32 `[images, dimension]`. @throws InputError as `prepareForInception`; the signal's reason when aborted */
  extract(
    images: readonly AnyImage[],
    options?: { readonly dataRange?: number; readonly signal?: AbortSignal },
  ): Promise<Float32Array>;
  /** Frees the weights and what was compiled; idempotent. */
  dispose(): void;
}

/** Which Inception features, and how their weights are read. */
export interface InceptionExtractorOptions extends ReadOptions {
  /** Default `'pytorch-fid'`. */
  readonly protocol?: FidProtocol;
  /** Default 2048; only that is called FID. */
  readonly dimension?: InceptionDimension;
}

/**
 * The extractor of FID and KID.
 *
 * @param source  As `loadInception`.
 * @throws WeightsError as `loadInception`
 */
export async function createInceptionExtractor(
  backend: Backend,
  source: WeightsSource | undefined,
  { protocol = 'pytorch-fid', dimension = 2048, ...options }: InceptionExtractorOptions = {},
): Promise<FeatureExtractor> {
  const isStandard = dimension === 2048;
  return extractorOf(backend, {
    names: isStandard ? { frechet: 'FID', kernel: 'KID' } : nameBy(`inception-${dimension}`),
    id: `inception-${dimension}/${protocol}`,
    dimension,
    size: inceptionSize,
    params: await loadInception(backend, source, options),
    prepare: (image, dataRange) => prepareForInception(image, { protocol, dataRange }),
    network: (p, x) => inceptionFeatures(p, x, dimension),
  });
}

/**
 * 512 features: the spatial mean of SqueezeNet's last fire module, on images resized to 224×224 as Pillow does
 * (bilinear, antialiased). Distances are called FD-squeeze and KD-squeeze, never FID.
 *
 * @param source  SqueezeNet 1.1 as in `loadLpips`; the linear layers are not needed.
 * @throws WeightsError as `loadLpips`
 */
export async function createSqueezenetExtractor(
  backend: Backend,
  source: WeightsSource | undefined,
  options: ReadOptions = {},
): Promise<FeatureExtractor> {
  const known = requireSource('createSqueezenetExtractor', 'backbone-squeeze', source);
  const params = await loadConvolutions(backend, await openStateDictionary(known, options), squeezenet.convolutions);
  return extractorOf(backend, {
    names: nameBy('squeeze'),
    id: 'squeezenet-512/pillow-224',
    dimension: squeezenet.channels.at(-1)!,
    size: squeezenetSize,
    params,
    prepare: (image, dataRange) => {
      const bytes = Uint8ClampedArray.from(toRgb255(image, dataRange).data);
      const { data } = resizePillow({ ...image, data: bytes }, { width: squeezenetSize, height: squeezenetSize });
      return unitValues(data);
    },
    network: (p, x) => mean(squeezenet.taps(p, normalizeColours(x)).at(-1)!, { axes: [1, 2] }),
  });
}

function nameBy(features: string): FeatureExtractor['names'] {
  return { frechet: `FD-${features}`, kernel: `KD-${features}` };
}

/** How images become features. */
interface Extraction extends Pick<FeatureExtractor, 'names' | 'id' | 'dimension'> {
  /** Height and width that the network takes. */
  readonly size: number;
  readonly params: NetworkParams;
  /** An image as the network takes it, f32 `[size, size, 3]`. */
  prepare(image: AnyImage, dataRange: number | undefined): Float32Array;
  network(params: NetworkParams, x: Tensor): Tensor;
}

function extractorOf(backend: Backend, { size, params, prepare, network, ...facts }: Extraction): FeatureExtractor {
  const compiled = compile(network, { workPerTurn });
  return {
    ...facts,
    extract: async (images, { dataRange, signal } = {}) => {
      if (images.length === 0) return new Float32Array(0);
      const batch = new Float32Array(images.length * size * size * 3);
      for (const [i, image] of images.entries()) {
        await eventLoopTurn(signal);
        batch.set(prepare(image, dataRange), i * size * size * 3);
      }
      const features = tidy(() => compiled(params, tensor(backend, batch, [images.length, size, size, 3])));
      try {
        return (await features.data({ signal })) as Float32Array;
      } finally {
        features.dispose();
      }
    },
    dispose: () => {
      compiled.dispose();
      disposeTree(params);
    },
  };
}
