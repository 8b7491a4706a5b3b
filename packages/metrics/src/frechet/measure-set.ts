/** Features of a whole set of images, in batches and bounded memory: what a comparison of two folders needs. */
import { inTurns } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import type { FeatureExtractor } from './feature-extractor.ts';
import { type FeatureMoments, FeatureStatistics } from './feature-statistics.ts';
import { frechetSteps } from './frechet-distance.ts';
import { type KernelDistance, type KernelDistanceOptions, kernelSteps } from './kernel-distance.ts';

/** How a set is measured. */
export interface MeasureSetOptions {
  /** Images per run of the network. Default 8. */
  readonly batchSize?: number;
  /** Keep every feature vector, as the kernel distance needs. Default true. */
  readonly keepsFeatures?: boolean;
  /** Distance between black and white; needed for floats. */
  readonly dataRange?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: { readonly images: number }) => void;
}

/** What is known of a set. */
export interface MeasuredSet {
  /** `id` of the extractor. */
  readonly features: string;
  readonly moments: FeatureMoments;
  /** `[images, dimension]`; undefined unless kept. */
  readonly values: Float32Array | undefined;
}

/**
 * Measures a set of images; they may come one by one, e.g. from files.
 *
 * @throws InputError `TOO_FEW_SAMPLES` for fewer than two images; else as the extractor; the signal's reason when aborted.
 */
export async function measureSet(
  extractor: FeatureExtractor,
  images: Iterable<AnyImage> | AsyncIterable<AnyImage>,
  options: MeasureSetOptions = {},
): Promise<MeasuredSet> {
  const { batchSize = 8, keepsFeatures = true, dataRange, signal, onProgress } = options;
  const statistics = new FeatureStatistics(extractor.dimension);
  const kept: Float32Array[] = [];
  let batch: AnyImage[] = [];
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    const features = await extractor.extract(batch, { dataRange, signal });
    statistics.update(features);
    if (keepsFeatures) kept.push(features);
    batch = [];
    onProgress?.({ images: statistics.count });
  };
  for await (const image of images) {
    batch.push(image);
    if (batch.length === batchSize) await flush();
  }
  if (batch.length > 0) await flush();
  return { features: extractor.id, moments: statistics.compute(), values: keepsFeatures ? join(kept) : undefined };
}

/** How sets are compared. */
export interface CompareSetsOptions extends KernelDistanceOptions {
  readonly signal?: AbortSignal;
}

/** Distances of two sets. */
export interface SetDistances {
  readonly frechet: number;
  /** Undefined unless both sets kept their features. */
  readonly kernel: KernelDistance | undefined;
  /** Images of the smaller set: the Fréchet distance is biased by it, so it belongs beside the number. */
  readonly images: number;
}

/**
 * Fréchet and kernel distance of two measured sets; FID and KID with Inception features.
 *
 * @throws InputError `VALUE_OUT_OF_RANGE` when the features are of different extractors; the signal's reason when aborted.
 */
export async function compareSets(
  a: MeasuredSet,
  b: MeasuredSet,
  { signal, ...options }: CompareSetsOptions = {},
): Promise<SetDistances> {
  if (a.features !== b.features) {
    throw new InputError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `compareSets: expected features of one extractor, got ${a.features} and ${b.features}`,
      fix: 'Measure both sets with the same network and protocol',
    });
  }
  const { dimension } = a.moments;
  return {
    frechet: await inTurns(frechetSteps(a.moments, b.moments), signal),
    kernel:
      a.values && b.values ? await inTurns(kernelSteps(a.values, b.values, dimension, options), signal) : undefined,
    images: Math.min(a.moments.count, b.moments.count),
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
