import { describe, expect, it } from 'vitest';
import { valueAndGrad } from '../autograd/value-and-grad.ts';
import { cpu } from '../cpu/cpu.ts';
import { sub } from '../ops/binary.ts';
import { scalar, tensor } from '../ops/create.ts';
import { sum } from '../ops/reduce.ts';
import { square } from '../ops/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { adam } from './adam.ts';
import { clipByGlobalNorm, emaUpdate, globalNorm } from './gradients.ts';
import { constantSchedule, cosineSchedule } from './schedules.ts';

const backend = cpu();

describe('adam', () => {
  it('takes the steps of the paper, computed by hand in float64', () => {
    const optimizer = adam<{ w: Tensor }>({ beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 });
    let params = { w: tensor(backend, [1, -2]) };
    let state = optimizer.init(params);
    const gradients = [
      [0.5, -0.1],
      [0.2, 0.3],
    ];
    const [w, m, v] = [
      [1, -2],
      [0, 0],
      [0, 0],
    ] as [number[], number[], number[]];
    gradients.forEach((g, step) => {
      ({ params, state } = optimizer.update(params, { w: tensor(backend, g) }, state, 0.01));
      g.forEach((gi, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * gi;
        v[i] = 0.99 * v[i]! + 0.01 * gi * gi;
        const [mHat, vHat] = [m[i]! / (1 - 0.9 ** (step + 1)), v[i]! / (1 - 0.99 ** (step + 1))];
        w[i] = w[i]! - 0.01 * 0.1 * w[i]! - (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
      });
    });
    params.w.dataSync().forEach((value, i) => expect(value).toBeCloseTo(w[i]!, 6));
  });

  it('finds a minimum, with the rate as a tensor', () => {
    const target = tensor(backend, [3, -1]);
    const optimizer = adam<Tensor>();
    let params = tensor(backend, [0, 0]);
    let state = optimizer.init(params);
    for (let i = 0; i < 300; i++) {
      const { gradients } = valueAndGrad((p: Tensor) => sum(square(sub(p, target))))(params);
      ({ params, state } = optimizer.update(params, gradients, state, scalar(backend, 0.05)));
    }
    params.dataSync().forEach((value, i) => expect(value).toBeCloseTo([3, -1][i]!, 2));
  });
});

describe('clipByGlobalNorm', () => {
  it('shortens long gradients and leaves short ones', () => {
    const long = { a: tensor(backend, [3]), b: tensor(backend, [4]) };
    const { gradients, norm } = clipByGlobalNorm(long, 1);
    expect(norm.dataSync()[0]).toBeCloseTo(5);
    expect(globalNorm(gradients).dataSync()[0]).toBeCloseTo(1, 4);
    expect(clipByGlobalNorm(long, 10).gradients.a.dataSync()[0]).toBe(3);
  });
});

describe('emaUpdate', () => {
  it('keeps the share that decay says', () => {
    const result = emaUpdate({ w: tensor(backend, [10]) }, { w: tensor(backend, [20]) }, 0.9);
    expect(result.w.dataSync()[0]).toBeCloseTo(11);
  });
});

describe('schedules', () => {
  it('warm up, fall like half a cosine, and stay at the end', () => {
    const rate = cosineSchedule({ peak: 1, steps: 110, end: 0.1, warmup: 10 });
    expect([rate(0), rate(9), rate(60), rate(110), rate(500)].map((r) => Number(r.toFixed(6)))).toEqual([
      0.1, 1, 0.55, 0.1, 0.1,
    ]);
    expect(constantSchedule(0.3)(99)).toBe(0.3);
  });

  it('stay at the peak until the decay, so that a longer run agrees with a shorter one up to there', () => {
    const [short, long] = [100, 200].map((steps) =>
      cosineSchedule({ peak: 1, steps, end: 0.1, warmup: 10, decay: 20 }),
    );
    expect([short!(9), short!(79), short!(90), short!(100)].map((r) => Number(r.toFixed(6)))).toEqual([
      1, 1, 0.55, 0.1,
    ]);
    for (let step = 0; step <= 80; step++) expect(long!(step)).toBe(short!(step));
  });
});
