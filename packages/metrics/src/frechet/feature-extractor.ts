/**
 * From images to features, batch by batch: Inception for FID and KID, SqueezeNet where its weights are not at hand.
 * Values are named by their features; those of different extractors or protocols are not comparable.
 */

import { type Backend, compile, disposeTree, mean, type Tensor, tensor, tidy } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { channelsOf, dataRangeOf } from '../image/image.ts';
import { normalizeColours } from '../lpips/lpips.ts';
import { loadConvolutions, type NetworkParams } from '../networks/convolution.ts';
import { type InceptionDimension, inceptionFeatures } from '../networks/inception-v3.ts';
import { squeezenet } from '../networks/squeezenet.ts';
import { resizePillow } from '../resize/pillow.ts';
import { requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary } from '../weights/state-dictionary.ts';
import { loadInception } from './load-inception.ts';
import { type FidProtocol, inceptionSize, prepareForInception } from './prepare.ts';

/** Turns images into features. Made by `createInceptionExtractor` or `createSqueezenetExtractor`. */
export interface FeatureExtractor {
  /** What distances of these features are called. */
  readonly names: { readonly frechet: string; readonly kernel: string };
  /** Network, layer and protocol, e.g. `inception-2048/pytorch-fid`. */
  readonly id: string;
  readonly dimension: number;
  /** Features of a batch, f32 `[images, dimension]`. @throws InputError as `prepareForInception` */
  extract(images: readonly AnyImage[], options?: { readonly dataRange?: number }): Promise<Float32Array>;
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
  const params = await loadInception(backend, source, options);
  const network = compile((p: NetworkParams, x: Tensor) => inceptionFeatures(p, x, dimension));
  const isStandard = dimension === 2048;
  return {
    names: isStandard ? { frechet: 'FID', kernel: 'KID' } : nameBy(`inception-${dimension}`),
    id: `inception-${dimension}/${protocol}`,
    dimension,
    extract: (images, { dataRange } = {}) =>
      runBatch(
        backend,
        images.map((image) => prepareForInception(image, { protocol, dataRange })),
        inceptionSize,
        (x) => network(params, x),
      ),
    dispose: () => {
      network.dispose();
      disposeTree(params);
    },
  };
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
  const network = compile((p: NetworkParams, x: Tensor) =>
    mean(squeezenet.taps(p, normalizeColours(x)).at(-1)!, { axes: [1, 2] }),
  );
  return {
    names: nameBy('squeeze'),
    id: 'squeezenet-512/pillow-224',
    dimension: squeezenet.channels.at(-1)!,
    extract: (images, { dataRange } = {}) =>
      runBatch(
        backend,
        images.map((image) => prepareForSqueezenet(image, dataRange)),
        224,
        (x) => network(params, x),
      ),
    dispose: () => {
      network.dispose();
      disposeTree(params);
    },
  };
}

function nameBy(features: string): FeatureExtractor['names'] {
  return { frechet: `FD-${features}`, kernel: `KD-${features}` };
}

async function runBatch(
  backend: Backend,
  images: readonly Float32Array[],
  size: number,
  network: (x: Tensor) => Tensor,
): Promise<Float32Array> {
  if (images.length === 0) return new Float32Array(0);
  const batch = new Float32Array(images.length * size * size * 3);
  images.forEach((image, i) => batch.set(image, i * image.length));
  const features = tidy(() => network(tensor(backend, batch, [images.length, size, size, 3])));
  try {
    return (await features.data()) as Float32Array;
  } finally {
    features.dispose();
  }
}

/** RGB in [−1, 1], 224×224. */
function prepareForSqueezenet(image: AnyImage, dataRange: number | undefined): Float32Array {
  const channels = channelsOf(image);
  const range = dataRangeOf('squeezenet features', image, dataRange);
  const step = image.data.length / (image.width * image.height);
  const rgb = Uint8ClampedArray.from({ length: image.width * image.height * 3 }, (_, i) => {
    const channel = channels === 1 ? 0 : i % 3;
    return (image.data[Math.floor(i / 3) * step + channel]! * 255) / range;
  });
  const { data } = resizePillow({ ...image, data: rgb }, { width: 224, height: 224 });
  return Float32Array.from(data, (value) => value / 127.5 - 1);
}
