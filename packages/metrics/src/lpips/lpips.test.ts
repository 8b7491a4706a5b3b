/**
 * LPIPS against published values (torchmetrics doctests, the examples of richzhang/PerceptualSimilarity) and its
 * identities. Tolerances: golden values are printed to 5 or 6 digits.
 */

import { type Backend, compile, cpu, mean, type Tensor, tensor, valueAndGrad } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import type { InputImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { dataPath, lacks, syntheticPair, toNhwc, torchRand } from '../testing/data.ts';
import { expectGradientAlongItself } from '../testing/directional-gradient.ts';
import { goldenImage } from '../testing/golden.ts';
import { loadLpips } from './load-lpips.ts';
import { type LpipsParams, lpips, lpipsFeatures, lpipsLayers, lpipsMap } from './lpips.ts';
import { createLpipsMeter } from './lpips-meter.ts';

const squeezeFile = 'weights/lpips_squeeze_v0.1.safetensors';
const backend = cpu();
const options = { backbone: 'squeeze' } as const;
const load = (on: Backend = backend): Promise<LpipsParams> => loadLpips(on, dataPath(squeezeFile), options);

const toTensor = ({ data, width, height }: InputImage<Uint8Array>): Tensor =>
  tensor(
    backend,
    Float32Array.from(data, (value) => value / 127.5 - 1),
    [1, height, width, 3],
  );

describe.skipIf(lacks(squeezeFile))('lpips (squeeze)', () => {
  it.each([
    [64, 64, 0.003378],
    [96, 80, 0.002696],
  ])('gives the value of the synthetic pair of %i×%i', async (height, width, expected) => {
    const { a, b } = syntheticPair(height, width);
    const distance = await lpips(options)(await load(), toTensor(a), toTensor(b)).item();
    expect(distance).toBeCloseTo(expected, 6);
  });

  it('gives the values of the torchmetrics doctest (seed 42)', async () => {
    const rand = torchRand(42);
    const shape = [2, 3, 100, 100] as const;
    const draw = (): Tensor =>
      tensor(
        backend,
        toNhwc(
          rand(60_000).map((v) => 2 * v - 1),
          shape,
        ),
        [2, 100, 100, 3],
      );
    const [a, b] = [draw(), draw()];
    const values = await lpips(options)(await load(), a, b).data();
    expect(values[0]).toBeCloseTo(0.10238, 5);
    expect(values[1]).toBeCloseTo(0.09377, 5);
  });

  it.skipIf(lacks('metric-golden/lpips_ex_ref.png'))(
    "gives the reference repository's examples, tap by tap",
    async () => {
      const images = ['ref', 'p0', 'p1'].map(async (name) => toTensor(await goldenImage(`lpips_ex_${name}`)));
      const [reference, p0, p1] = (await Promise.all(images)) as [Tensor, Tensor, Tensor];
      const params = await load();
      const layers = await Promise.all(lpipsLayers(options)(params, reference, p0).map((x) => x.item()));
      [0.009891, 0.006903, 0.12881, 0.260978, 0.150681, 0.088142, 0.065643].forEach((value, i) =>
        expect(layers[i]).toBeCloseTo(value, 5),
      );
      const distance = lpips(options);
      expect(await distance(params, reference, p0).item()).toBeCloseTo(0.711048, 5);
      expect(await distance(params, reference, p1).item()).toBeCloseTo(0.147902, 5);
      expect(await distance(params, p0, p1).item()).toBeCloseTo(0.727777, 5);
    },
  );

  it('is zero for equal images, symmetric, and the mean of its map at full size is near it', async () => {
    const { a, b } = syntheticPair(33, 47);
    const [x, y] = [toTensor(a), toTensor(b)];
    const params = await load();
    const distance = lpips(options);
    expect(await distance(params, x, x).item()).toBe(0);
    expect(await distance(params, x, y).item()).toBe(await distance(params, y, x).item());
    const map = lpipsMap(options)(params, x, y);
    expect(map.shape).toEqual([1, 33, 47]);
    expect(await mean(map).item()).toBeCloseTo(await distance(params, x, y).item(), 2);
  });

  it('gives its features, seven taps of one image', async () => {
    const { a } = syntheticPair(33, 47);
    const features = lpipsFeatures(options)(await load(), toTensor(a));
    expect(features.map(({ shape }) => shape.at(-1))).toEqual([64, 128, 256, 384, 384, 512, 512]);
    expect(features[0]!.shape).toEqual([1, 16, 23, 64]);
  });

  it('compiles with its gradient, which agrees with central differences', async () => {
    const { a, b } = syntheticPair(24, 24);
    const [target, x] = [toTensor(a), toTensor(b)];
    const params = await load();
    const distance = lpips(options);
    const loss = (image: Tensor, p: LpipsParams, t: Tensor): Tensor => mean(distance(p, t, image));
    const eager = valueAndGrad(loss)(x, params, target);
    const compiled = compile((...args: Parameters<typeof loss>) => valueAndGrad(loss)(...args))(x, params, target);
    expect(await compiled.value.item()).toBeCloseTo(await eager.value.item(), 6);
    const [one, other] = [await compiled.gradients.data(), await eager.gradients.data()];
    one.forEach((value, i) => expect(value).toBeCloseTo(other[i]!, 6));
    // 0.005: kinks of ReLU and pooling within ±h, float32
    await expectGradientAlongItself((y) => loss(y, params, target), x, { h: 0.001, tolerance: 0.005 });
  });

  it('leaves no tensors behind', async () => {
    const { a, b } = syntheticPair(18, 20);
    const [x, y] = [toTensor(a), toTensor(b)];
    const params = await load();
    await checkLeaks(backend, () => lpips(options)(params, x, y));
    await checkLeaks(backend, () => lpipsMap(options)(params, x, y));
    await checkLeaks(backend, () => lpipsFeatures(options)(params, x));
    await checkLeaks(backend, async () => {
      const meter = await createLpipsMeter(backend, dataPath(squeezeFile), options);
      await meter.measure(a, b);
      await meter.map(a, b);
      meter.dispose();
    });
  });

  it('has a finite gradient for flat images, where features vanish', async () => {
    const flat = tensor(backend, new Float32Array(24 * 24 * 3), [1, 24, 24, 3]);
    const params = await load();
    const distance = lpips(options);
    const { gradients } = valueAndGrad((y: Tensor) => mean(distance(params, flat, y)))(flat);
    expect((await gradients.data()).every((value) => Number.isFinite(value))).toBe(true);
  });
});
