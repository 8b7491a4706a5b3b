/** DISTS with small seeded weights: gradients and what it refuses. Its values are checked with the networks. */
import { cpu, mean, type Tensor, tensor } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { vgg16 } from '../networks/vgg16.ts';
import { syntheticPair, torchRand } from '../testing/data.ts';
import { expectGradientAlongItself } from '../testing/directional-gradient.ts';
import { drawNetwork, drawVector, toFile } from '../testing/seeded-networks.ts';
import { type DistsParams, dists, loadDists } from './dists.ts';
import { createDistsMeter } from './dists-meter.ts';

const backend = cpu();

describe('dists', () => {
  it('has a gradient that agrees with central differences, and leaves nothing behind', async () => {
    const draw = torchRand(7);
    const entries = drawNetwork(draw, vgg16.convolutions);
    const file = toFile([...entries, drawVector(draw, 'alpha', 1475), drawVector(draw, 'beta', 1475)]);
    const params: DistsParams = await loadDists(backend, file);
    const { a, b } = syntheticPair(16, 18);
    const toTensor = (data: Uint8Array): Tensor =>
      tensor(
        backend,
        Float32Array.from(data, (v) => v / 255),
        [1, 16, 18, 3],
      );
    const [x, y] = [toTensor(a.data), toTensor(b.data)];
    await checkLeaks(backend, () => dists(params, x, y));
    await expectGradientAlongItself((image) => mean(dists(params, x, image)), y, { h: 0.01, tolerance: 0.01 });
  });

  it('measures whole images as the function does, gray ones too, and refuses what it cannot reduce', async () => {
    const draw = torchRand(7);
    const vectors = ['alpha', 'beta'].map((name) => drawVector(draw, name, 1475));
    const file = toFile([...drawNetwork(draw, vgg16.convolutions), ...vectors]);
    const [params, meter] = [await loadDists(backend, file), await createDistsMeter(backend, file)];
    const gray = (seed: number) => {
      const data = Uint8Array.from({ length: 16 * 16 }, (_, i) => (i * seed) % 256);
      return { data, width: 16, height: 16 };
    };
    const rgb = ({ data }: { data: Uint8Array }): Tensor =>
      tensor(
        backend,
        Float32Array.from({ length: 768 }, (_, i) => data[Math.floor(i / 3)]! / 255),
        [1, 16, 16, 3],
      );
    const [expected] = await dists(params, rgb(gray(7)), rgb(gray(11))).data();
    expect(await meter.measure(gray(7), gray(11))).toBe(expected);
    const floats = { data: new Float32Array(257 * 257), width: 257, height: 257 };
    await expect(meter.measure(floats, floats, { dataRange: 1 })).rejects.toThrow(/8-bit/);
    await expect(meter.measure(gray(7), floats, { dataRange: 255 })).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    meter.dispose();
    meter.dispose();
  });

  it('says where its weights are, and what it cannot take', async () => {
    await expect(loadDists(backend, undefined)).rejects.toThrow(/vgg16-397923af\.pth/);
    const backboneOnly = toFile(drawNetwork(torchRand(1), vgg16.convolutions.slice(0, 1)));
    await expect(loadDists(backend, backboneOnly)).rejects.toThrow(/DISTS_pytorch\/weights\.pt/);
    const small = tensor(backend, new Float32Array(15 * 16 * 3), [1, 15, 16, 3]);
    expect(() => dists({} as DistsParams, small, small)).toThrow(/at least 16×16/);
  });
});
