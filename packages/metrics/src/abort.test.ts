/** Measures that take long end soon after their signal. */
import { onnx } from '@vqkit/backend-onnx';
import { cpu, random } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { abortingEngine } from '../../../tooling/aborting-engine.ts';
import { drawDifferences } from './chart/heat-map.ts';
import { compareImages } from './compare/compare-images.ts';
import { createDistsMeter } from './dists/dists-meter.ts';
import { createSqueezenetExtractor } from './frechet/feature-extractor.ts';
import { FeatureStatistics } from './frechet/feature-statistics.ts';
import { compareSets, type MeasuredSet, measureSet } from './frechet/measure-set.ts';
import { measurePrecisionRecall } from './frechet/precision-recall.ts';
import { lpipsBackbones } from './lpips/lpips.ts';
import { createLpipsMeter } from './lpips/lpips-meter.ts';
import { measureNiqe } from './niqe/niqe.ts';
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

  it('ends DISTS between two pieces of its network', async () => {
    const { engine, counts, signal } = abortingEngine(2);
    const backend = await onnx({ threads: 1, engine });
    const vectors = ['alpha', 'beta'].map((name) => drawVector(draw, name, 1475));
    const weights = toFile([...drawNetwork(draw, lpipsBackbones.vgg.convolutions), ...vectors]);
    const meter = await createDistsMeter(backend, weights);
    counts.runs = 0;
    const image = flat(256, 256);
    await expect(meter.measure(image, image, { signal })).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counts).toEqual({ runs: 2, late: 0 });
    meter.dispose();
    backend.dispose();
  });

  it('ends NIQE, whichever part it is at', async () => {
    const model = { mean: new Float64Array(36), covariance: new Float64Array(36 * 36), window: new Float64Array(49) };
    await expect(measureNiqe(model, flat(2000, 1500), { signal: soon() })).rejects.toThrow('enough');
  });

  it('ends precision and recall', async () => {
    const [a, b] = sets(3000, 8);
    const measured = measurePrecisionRecall(a!.values!, b!.values!, 8, { signal: soon() });
    await expect(measured).rejects.toThrow('enough');
  });

  it('ends the drawing of where pictures differ', async () => {
    const image = flat(2000, 1500);
    await expect(drawDifferences(image, image, { signal: soon() })).rejects.toThrow('enough');
  });

  it('ends the scores of large pictures', async () => {
    const image = flat(2000, 1500);
    await expect(compareImages(image, image, { signal: soon() })).rejects.toThrow('enough');
  });
});
