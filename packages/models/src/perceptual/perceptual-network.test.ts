import { cpu, random, sum, type Tensor, tensor, tensorsOf, valueAndGrad } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { perceptualNetwork } from './perceptual-network.ts';

const backend = cpu();
const network = perceptualNetwork({ channels: [4, 4, 6, 8], features: [3, 5, 6, 9] });
const params = network.init(backend, 1);
const draw = (seed: number, size = 40): Tensor => random(seed).uniform(backend, [2, size, size, 3], -1, 1);

describe('perceptualNetwork', () => {
  it('has a million parameters, and features where SqueezeNet has its taps', () => {
    const whole = perceptualNetwork().init(backend, 1);
    const count = tensorsOf(whole).reduce((total, x) => total + x.size, 0);
    expect(count).toBeGreaterThan(1_000_000);
    expect(count).toBeLessThan(1_350_000);
    // Of 128, 40 and 17 pixels SqueezeNet 1.1 makes 63, 31, 15, 7; 19, 9, 4, 2; and 8, 4, 2, 1.
    for (const [size, sides] of [
      [128, [63, 31, 15, 7]],
      [40, [19, 9, 4, 2]],
      [17, [8, 4, 2, 1]],
    ] as const) {
      const shapes = network.features(params, draw(2, size)).map(({ shape }) => shape);
      expect(shapes).toEqual(sides.map((side, i) => [2, side, side, [3, 5, 6, 9][i]]));
    }
  });

  it('is zero for equal images, symmetric, and grows with what is added', () => {
    const [a, b] = [draw(3), draw(4)];
    const far = (x: Tensor, y: Tensor): number[] => [...network.distance(params, x, y).dataSync()];
    expect(far(a, a)).toEqual([0, 0]);
    far(a, b).forEach((value, i) => {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeCloseTo(far(b, a)[i]!, 8);
    });
  });

  it('says which way to go: down along its gradient images become more alike', () => {
    const [x, start] = [draw(5, 24), draw(6, 24)];
    const step = valueAndGrad((y: Tensor) => sum(network.distance(params, y, x)));
    let y = start.dataSync() as Float32Array;
    const values: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { value, gradients } = step(tensor(backend, y, start.shape));
      values.push(value.dataSync()[0]!);
      const slope = gradients.dataSync() as Float32Array;
      const length = Math.sqrt(slope.reduce((total, v) => total + v * v, 0));
      y = y.map((v, k) => v - (0.5 * slope[k]!) / length);
    }
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[3]).toBeLessThan(values[0]!);
  });
});
