/** Extractors and sets: identities, names, progress, and what they refuse. Values of the networks are proven beside them. */

import { onnx } from '@vqkit/backend-onnx';
import type { Backend } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inceptionConvolutions } from '../networks/inception-v3.ts';
import { squeezenet } from '../networks/squeezenet.ts';
import { dataPath, lacks, syntheticPair, torchRand } from '../testing/data.ts';
import { drawNetwork, drawNormalizedNetwork, toFile } from '../testing/seeded-networks.ts';
import { createInceptionExtractor, createSqueezenetExtractor } from './feature-extractor.ts';
import { compareSets, measureSet } from './measure-set.ts';
import { prepareForInception } from './prepare.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await onnx();
});
afterAll(() => backend.dispose());

const images = [
  syntheticPair(48, 64).a,
  syntheticPair(48, 64).b,
  syntheticPair(80, 40).a,
  syntheticPair(33, 33).b,
  syntheticPair(60, 60).a,
];
const darker = images.map((image) => ({ ...image, data: image.data.map((value) => value >> 1) }));
const seededSqueezenet = (): Uint8Array => toFile(drawNetwork(torchRand(12), squeezenet.convolutions));

describe('createSqueezenetExtractor', () => {
  it('measures sets of images of any size, batch by batch', async () => {
    const extractor = await createSqueezenetExtractor(backend, seededSqueezenet());
    const counts: number[] = [];
    const onProgress = (event: { images: number }): void => void counts.push(event.images);
    const a = await measureSet(extractor, images, { batchSize: 2, onProgress });
    expect(counts).toEqual([2, 4, 5]);
    expect([a.moments.count, a.moments.dimension, a.values?.length]).toEqual([5, 512, 5 * 512]);
    const again = await measureSet(extractor, images, { batchSize: 5 });
    const b = await measureSet(extractor, darker);
    const trace = a.moments.mean.reduce((sum, _, i) => sum + a.moments.covariance[i * 513]!, 0);
    expect(Math.abs((await compareSets(a, again)).frechet)).toBeLessThan(1e-5 * trace);
    const distances = await compareSets(a, b);
    expect(distances.frechet).toBeGreaterThan(0);
    expect(distances.frechet / (await compareSets(b, a)).frechet).toBeCloseTo(1, 9);
    expect(distances.images).toBe(5);
    expect(extractor.names).toEqual({ frechet: 'FD-squeeze', kernel: 'KD-squeeze' });
    extractor.dispose();
  });

  it('takes gray, RGBA and float images as the RGB they stand for', async () => {
    const extractor = await createSqueezenetExtractor(backend, seededSqueezenet());
    const { data, width, height } = images[0]!;
    const unit: AnyImage = { data: Float64Array.from(data, (v) => v / 255), width, height };
    const expected = await extractor.extract([images[0]!]);
    const actual = await extractor.extract([unit], { dataRange: 1 });
    expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 6));
    await expect(measureSet(extractor, [images[0]!])).rejects.toThrow(/at least 2 samples, got 1/);
    const abort = { signal: AbortSignal.abort(new Error('enough')) };
    await expect(measureSet(extractor, images, abort)).rejects.toThrow('enough');
    extractor.dispose();
  });

  it.skipIf(lacks('weights/lpips_squeeze_v0.1.safetensors'))('loads the LPIPS file', async () => {
    const extractor = await createSqueezenetExtractor(backend, dataPath('weights/lpips_squeeze_v0.1.safetensors'));
    expect((await extractor.extract([])).length).toBe(0);
    extractor.dispose();
  });
});

describe('createInceptionExtractor', () => {
  it('gives 0 of a set to itself and more to another', async () => {
    const file = toFile(drawNormalizedNetwork(torchRand(4), inceptionConvolutions));
    const extractor = await createInceptionExtractor(backend, file, { protocol: 'clean-fid', dimension: 192 });
    expect([extractor.id, extractor.names.frechet]).toEqual(['inception-192/clean-fid', 'FD-inception-192']);
    const pair = images.slice(0, 3);
    const a = await measureSet(extractor, pair, { keepsFeatures: false });
    const b = await measureSet(extractor, darker.slice(0, 3), { keepsFeatures: false });
    expect((await compareSets(a, a)).frechet).toBeLessThan(1e-6 * (await compareSets(a, b)).frechet);
    expect((await compareSets(a, b)).kernel).toBeUndefined();
    await expect(compareSets(a, { ...b, features: 'other' })).rejects.toThrow(/one extractor/);
    extractor.dispose();
    await expect(createInceptionExtractor(backend, undefined)).rejects.toThrow(/pt_inception/);
  });
});

describe('prepareForInception', () => {
  it('keeps constants in every protocol, and repeats gray', () => {
    const flat = (channels: number): AnyImage => ({
      data: new Uint8Array(20 * 30 * channels).fill(200),
      width: 20,
      height: 30,
    });
    for (const [protocol, expected] of [
      ['pytorch-fid', 200 / 127.5 - 1],
      ['cvq', 200 / 127.5 - 1],
      ['tensorflow', 72 / 128],
      ['clean-fid', 72 / 128],
    ] as const) {
      for (const channels of [1, 3, 4]) {
        const values = prepareForInception(flat(channels), { protocol });
        expect(values.length).toBe(299 * 299 * 3);
        expect(values.every((value) => Math.abs(value - expected) < 1e-6)).toBe(true);
      }
    }
  });
});
