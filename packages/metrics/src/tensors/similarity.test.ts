/** Differentiable PSNR, SSIM and MS-SSIM: the values of the image metrics, and gradients that agree with differences. */

import { cpu, mean, type Tensor, tensor } from '@vqkit/core';
import { analyticGradients, centralDifferences, checkLeaks } from '@vqkit/core/testing';
import type { InputImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { psnr } from '../psnr/psnr.ts';
import { msSsim } from '../ssim/ms-ssim.ts';
import { ssim } from '../ssim/ssim.ts';
import { syntheticPair } from '../testing/data.ts';
import { expectGradientAlongItself } from '../testing/directional-gradient.ts';
import { tensorMsSsim, tensorPsnr, tensorSsim } from './similarity.ts';

const backend = cpu();
const toTensor = (...images: InputImage<Uint8Array>[]): Tensor => {
  const [{ width, height }] = images as [InputImage<Uint8Array>];
  const data = Float32Array.from(images.flatMap((image) => [...image.data].map((value) => value / 255)));
  return tensor(backend, data, [images.length, height, width, 3]);
};
const mirrored = ({ data, width, height }: InputImage<Uint8Array>): InputImage<Uint8Array> => ({
  data: data.slice().reverse(),
  width,
  height,
});

describe('tensorPsnr, tensorSsim, tensorMsSsim', () => {
  const { a, b } = syntheticPair(163, 165);
  const other = mirrored(b);
  const [x, y] = [toTensor(a, a), toTensor(b, other)];

  it('give for a batch what the image metrics give for each pair (1e-5: float32)', async () => {
    const expectValues = async (values: Tensor, expected: readonly number[]): Promise<void> => {
      const data = await values.data();
      expect(values.shape).toEqual([2]);
      expected.forEach((value, i) => expect(Math.abs(data[i]! - value)).toBeLessThan(1e-5 * Math.max(1, value)));
    };
    await expectValues(tensorPsnr(x, y), [psnr(a, b), psnr(a, other)]);
    await expectValues(tensorSsim(x, y), [ssim(a, b), ssim(a, other)]);
    await expectValues(tensorMsSsim(x, y), [msSsim(a, b), msSsim(a, other)]);
  });

  it('know every variant of SSIM', async () => {
    const small = syntheticPair(20, 23);
    for (const variant of ['uniform7', 'uniform11', 'torchmetrics'] as const) {
      const value = await tensorSsim(toTensor(small.a), toTensor(small.b), { variant }).item();
      expect(Math.abs(value - ssim(small.a, small.b, { variant }))).toBeLessThan(1e-5);
    }
  });

  it('are 1 (100 dB) for equal images', async () => {
    expect((await tensorPsnr(x, x).data())[0]).toBeCloseTo(100, 3);
    expect((await tensorSsim(x, x).data())[0]).toBeCloseTo(1, 5);
    expect((await tensorMsSsim(x, x).data())[0]).toBeCloseTo(1, 5);
  });

  it('leave no tensors behind', async () => {
    const small = toTensor(syntheticPair(12, 13).a);
    await checkLeaks(backend, () => [tensorPsnr(small, small), tensorSsim(small, small)]);
  });

  it('refuse other shapes and images that are too small', () => {
    const small = toTensor(syntheticPair(10, 20).a);
    expect(() => tensorPsnr(x, small)).toThrow(/two batches of one shape/);
    expect(() => tensorSsim(small, small)).toThrow(/at least 11×11/);
    expect(() => tensorMsSsim(small, small)).toThrow(/at least 161×161/);
  });
});

describe('gradients', () => {
  it.each(['wang', 'uniform7', 'torchmetrics'] as const)('of SSIM (%s) equal central differences', async (variant) => {
    const shape = [1, 12, 11, 1];
    const { a, b } = syntheticPair(12, 11);
    const gray = ({ data }: InputImage<Uint8Array>): Float32Array =>
      Float32Array.from(
        data.filter((_, i) => i % 3 === 0),
        (v) => v / 255,
      );
    const inputs = [a, b].map((image) => ({ shape, dtype: 'f32' as const, data: gray(image) }));
    const fn = (p: Tensor, q: Tensor): Tensor => tensorSsim(p, q, { variant });
    const options = { step: 2 ** -7 };
    const expected = await centralDifferences(backend, fn, inputs, options);
    const actual = await analyticGradients(backend, fn, inputs, options);
    expected.forEach((gradient, i) => {
      const scale = Math.max(...gradient.map(Math.abs));
      // 1e-3 of the largest: float32 rounding 6e-8 over a step of 2⁻⁷
      gradient.forEach((value, k) => expect(Math.abs(actual[i]!.data[k]! - value)).toBeLessThan(1e-3 * scale));
    });
  });

  it('of PSNR and MS-SSIM agree with differences along themselves', async () => {
    const { a, b } = syntheticPair(161, 162);
    const [x, y] = [toTensor(a), toTensor(b)];
    await expectGradientAlongItself((q) => mean(tensorPsnr(x, q)), y, { h: 0.1, tolerance: 1e-3 });
    await expectGradientAlongItself((q) => mean(tensorMsSsim(x, q)), y, { h: 0.3, tolerance: 2e-3 });
  });

  it('stay finite where contrasts are negative', async () => {
    const { a } = syntheticPair(161, 161);
    const inverted: InputImage<Uint8Array> = { ...a, data: a.data.map((value) => 255 - value) };
    const [x, y] = [toTensor(a), toTensor(inverted)];
    expect((await tensorMsSsim(x, y).data())[0]).toBe(0);
    const spec = { shape: x.shape, dtype: 'f32' as const };
    const inputs = [
      { ...spec, data: await x.data() },
      { ...spec, data: await y.data() },
    ];
    const [gradient] = await analyticGradients(backend, (p, q) => tensorMsSsim(p!, q!), inputs, { wrt: [1] });
    expect(gradient!.data.every((value) => Number.isFinite(value))).toBe(true);
  });
});
