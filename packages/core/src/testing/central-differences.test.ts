import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { hostTensor } from '../cpu/host-kernel.ts';
import { customGrad, exp, mul, sin } from '../index.ts';
import { centralDifferences, checkGradients } from './central-differences.ts';
import { noise } from './samples.ts';

const backend = cpu();
const x = hostTensor('f32', [3], [-1, 0.5, 2]);

describe('centralDifferences', () => {
  it('differentiates to about five digits in float32', async () => {
    const [withUnitStep] = await centralDifferences(backend, (a) => [sin(a!)], [x]);
    const [doubled] = await centralDifferences(backend, (a) => [mul(sin(a!), 2)], [x]);
    // The weights are the same for both functions, and cancel in the ratio to the cosine.
    withUnitStep!.forEach((value, i) => {
      const weight = value / Math.cos(x.data[i]!);
      expect(weight).toBeGreaterThan(0.49);
      expect(weight).toBeLessThan(1.51);
      expect(doubled![i]! / value).toBeCloseTo(2, 4);
    });
  });

  it('differentiates the chosen inputs only', async () => {
    const all = await centralDifferences(backend, (a, b) => mul(a!, b!), [x, x]);
    const second = await centralDifferences(backend, (a, b) => mul(a!, b!), [x, x], { wrt: [1] });
    expect(all.length).toBe(2);
    expect(second).toEqual([all[1]]);
  });
});

describe('checkGradients', () => {
  it('accepts right gradients of all inputs', async () => {
    await checkGradients(backend, (a, b) => mul(exp(a!), b!), [noise([2, 3]), noise([3], 2)]);
  });

  it('finds a rule that is wrong by a percent, and names the input', async () => {
    const wrong = customGrad((a) => ({ value: exp(a!), gradient: (dy) => [mul(dy, mul(exp(a!), 1.01))] }));
    await expect(checkGradients(backend, (a) => wrong(a!), [x])).rejects.toThrow(/gradient of input 0: 3 of 3 differ/);
  });

  it('leaves nothing behind', () => {
    expect(backend.memory()).toEqual({ tensors: 0, bytes: 0 });
  });
});
