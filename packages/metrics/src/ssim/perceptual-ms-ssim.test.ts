import { cpu, mul, sub, sum, type Tensor, valueAndGrad } from '@vqkit/core';
import { type Raster, toTensor, toUnitRange } from '@vqkit/images';
import { expect, it } from 'vitest';
import { syntheticPair } from '../testing/data.ts';
import { msSsim } from './ms-ssim.ts';
import { perceptualMsSsim } from './perceptual-ms-ssim.ts';

it('is what MS-SSIM lacks to 1, with a gradient that makes images more alike', async () => {
  const backend = cpu();
  const { params, minimumSize, distance } = perceptualMsSsim();
  expect(minimumSize).toBe(161);
  const { a, b } = syntheticPair(161, 170);
  const [p, q] = [a, b].map((image) => toUnitRange(toTensor(backend, [{ ...image, channels: 3 } as Raster])));
  const before = (await distance(params, p!, q!).data())[0]!;
  expect(before).toBeCloseTo(1 - msSsim(a, b), 4);
  const { gradients: slope } = valueAndGrad((x: Tensor) => sum(distance(params, x, q!)))(p!);
  const values = (await slope.data()) as Float32Array;
  const length = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  expect(length).toBeGreaterThan(0);
  expect((await distance(params, sub(p!, mul(slope, 1 / length)), q!).data())[0]).toBeLessThan(before);
  backend.dispose();
});
