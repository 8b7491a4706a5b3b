/** Measures that take long end soon after their signal. */
import { onnx } from '@vqkit/backend-onnx';
import { cpu, random } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { abortingEngine } from '../../../tooling/aborting-engine.ts';
import { compareImages } from './compare/compare-images.ts';
import { createSqueezenetExtractor } from './frechet/feature-extractor.ts';
import { FeatureStatistics } from './frechet/feature-statistics.ts';
import { compareSets, type MeasuredSet, measureSet } from './frechet/measure-set.ts';
import { lpipsBackbones } from './lpips/lpips.ts';
import { createLpipsMeter } from './lpips/lpips-meter.ts';
import { drawNetwork, drawVector, toFile } from './testing/seeded-networks.ts';

const flat = (width: number, height: number): AnyImage => ({
  data: new Uint8Array(width * height * 3).fill(90),
  width,
  height,
});
const draw = (count: number): Float32Array => new Float32Array(count).fill(0.6);

/** A signal that is aborted as soon as the event loop turns. */
function soon(): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('enough')), 0);
  return stop.signal;
}

/** Features of two sets as an extractor would have given them. */
function sets(count: number, dimension: number): MeasuredSet[] {
  return [1, 2].map((seed) => {
    const values = random(seed).normalArray(count * dimension);
    const statistics = new FeatureStatistics(dimension);
    statistics.update(values);
    return { features: 'test', moments: statistics.compute(), values };
  });
}

describe('an abort', () => {
  it('ends LPIPS between two pieces of a tile', async () => {
    const { engine, counts, signal } = abortingEngine(2);
    const backend = await onnx({ threads: 1, engine });
    const { convolutions, channels } = lpipsBackbones.vgg;
    const linear = channels.map((count, i) => drawVector(draw, `lin${i}.weight`, count));
    const weights = toFile([...drawNetwork(draw, convolutions), ...linear]);
    const meter = await createLpipsMeter(backend, weights, { backbone: 'vgg' });
    counts.runs = 0;
    const image = flat(512, 512);
    await expect(meter.measure(image, image, { signal })).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counts).toEqual({ runs: 2, late: 0 });
    meter.dispose();
    backend.dispose();
  });

  it('ends features of images between two of them', async () => {
    const backend = cpu();
    const weights = toFile(drawNetwork(draw, lpipsBackbones.squeeze.convolutions));
    const extractor = await createSqueezenetExtractor(backend, weights);
    const images = Array.from({ length: 8 }, () => flat(64, 64));
    await expect(measureSet(extractor, images, { signal: soon() })).rejects.toThrow('enough');
    extractor.dispose();
    backend.dispose();
  });

  it('ends distances of sets, during factors and eigenvalues and during kernels', async () => {
    const [a, b] = sets(700, 500);
    await expect(compareSets(a!, b!, { signal: soon() })).rejects.toThrow('enough');
    const [c, d] = sets(1500, 4);
    await expect(compareSets(c!, d!, { signal: soon(), subsetSize: 1400 })).rejects.toThrow('enough');
  });

  it('ends the scores of large pictures', async () => {
    const image = flat(2000, 1500);
    await expect(compareImages(image, image, { signal: soon() })).rejects.toThrow('enough');
  });
});
