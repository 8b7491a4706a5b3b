/**
 * AlexNet, VGG16 and Inception against PyTorch 1.13 in float64, with the same seeded weights
 * (`scripts/make-network-fixtures.py`): LPIPS, DISTS and features agree to 1e-5 relative.
 */
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, compile, mean, type Tensor, tensor } from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dists, loadDists } from '../dists/dists.ts';
import { loadInception } from '../frechet/load-inception.ts';
import { loadLpips } from '../lpips/load-lpips.ts';
import { lpips, lpipsBackbones, lpipsLayers, lpipsMap } from '../lpips/lpips.ts';
import { torchRand } from '../testing/data.ts';
import { drawImages, drawNetwork, drawNormalizedNetwork, drawVector, toFile } from '../testing/seeded-networks.ts';
import inception from './fixtures/inception.json' with { type: 'json' };
import perceptual from './fixtures/perceptual.json' with { type: 'json' };
import { type InceptionDimension, inceptionConvolutions, inceptionFeatures } from './inception-v3.ts';

type Shape4 = [number, number, number, number];

let backend: Backend;
beforeAll(async () => {
  backend = await onnx();
});
afterAll(() => backend.dispose());

/** 1e-5: float32 features through up to 94 convolutions against float64. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5 * scale);
}

const toTensor = (values: Float32Array, [n, c, h, w]: readonly number[]): Tensor =>
  tensor(backend, values, [n!, h!, w!, c!]);
const centre = (values: Float32Array): Float32Array => values.map((value) => 2 * value - 1);

describe.each(['alex', 'vgg'] as const)('lpips (%s) with seeded weights', (name) => {
  it('equals PyTorch in versions 0.0 and 0.1: taps, distance and map', async () => {
    const expected = perceptual[name];
    const { convolutions, channels } = lpipsBackbones[name];
    const draw = torchRand(expected.seed);
    const network = drawNetwork(draw, convolutions);
    const linear = channels.map((n, i) => drawVector(draw, `lin${i}.model.1.weight`, n, 1 / n));
    const shape = expected.shape as Shape4;
    const [a, b] = [drawImages(draw, shape), drawImages(draw, shape)].map((x) => toTensor(centre(x), shape)) as [
      Tensor,
      Tensor,
    ];
    const params = await loadLpips(backend, toFile(network), { backbone: name, linear: toFile(linear) });
    for (const version of ['0.0', '0.1'] as const) {
      const options = { backbone: name, version } as const;
      const all = compile((p: typeof params, x: Tensor, y: Tensor) => ({
        layers: lpipsLayers(options)(p, x, y),
        total: lpips(options)(p, x, y),
        map: lpipsMap(options)(p, x, y),
      }))(params, a, b);
      for (const [i, layer] of all.layers.entries()) expectClose(await layer.data(), expected[version].layers[i]!);
      expectClose(await all.total.data(), expected[version].total);
      const values = await all.map.data();
      const at = (image: number, y: number, x: number): number => values[(image * shape[2] + y) * shape[3] + x]!;
      const samples = [at(0, 0, 0), at(0, 31, 24), at(1, 62, 49), await mean(all.map).item()];
      expectClose(samples, expected[version].map);
    }
  });
});

describe('dists with seeded weights', () => {
  it('equals PyTorch', async () => {
    const { seed, shape, values } = perceptual.dists;
    const draw = torchRand(seed);
    const network = drawNetwork(draw, lpipsBackbones.vgg.convolutions);
    const weights = [drawVector(draw, 'alpha', 1475), drawVector(draw, 'beta', 1475)];
    const [a, b] = [drawImages(draw, shape as Shape4), drawImages(draw, shape as Shape4)].map((x) =>
      toTensor(x, shape),
    ) as [Tensor, Tensor];
    const params = await loadDists(backend, toFile(network), { weights: toFile(weights) });
    const distance = compile(dists);
    expectClose(await distance(params, a, b).data(), values);
    expectClose(await distance(params, b, a).data(), values);
    // 1e-6: two float32 sums of 2950 terms
    for (const value of await distance(params, a, a).data()) expect(Math.abs(value)).toBeLessThan(1e-6);
  });
});

describe('inceptionFeatures with seeded weights', () => {
  it('equal PyTorch at every depth', async () => {
    const image = toTensor(centre(drawImages(torchRand(inception.imageSeed), [1, 3, 299, 299])), [1, 3, 299, 299]);
    const byName = new Map(inceptionConvolutions.map((spec) => [spec.name, spec]));
    expect([...byName.keys()].sort()).toEqual([...inception.order].sort());
    const ordered = inception.order.map((name) => byName.get(name)!);
    const params = await loadInception(
      backend,
      toFile(drawNormalizedNetwork(torchRand(inception.weightSeed), ordered)),
    );
    for (const [key, expected] of Object.entries(inception.features)) {
      const dimension = Number(key) as InceptionDimension;
      const features = compile((p: typeof params, x: Tensor) => inceptionFeatures(p, x, dimension))(params, image);
      expect(features.shape).toEqual([1, dimension]);
      const step = Math.max(1, dimension / 64);
      expectClose(
        (await features.data()).filter((_, i) => i % step === 0),
        expected,
      );
    }
  });
});
