import {
  adam,
  add,
  meanSquaredError,
  mul,
  random,
  reshape,
  scalar,
  sub,
  type Tensor,
  tensor,
  tensorsOf,
  tidy,
  valueAndGrad,
  zeros,
} from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { backend, shaken, word } from '../testing/small-maps.ts';
import { flowTime, type LatentFlowParams, latentFlow } from './latent-flow.ts';

const model = latentFlow({ dimension: 2, width: 16, blocks: 1, heads: 2, classes: 2 });
const params = shaken(model.init(backend, 1));
const x = random(2).normal(backend, [2, 2, 3, 2]);
const times = (...values: number[]): Tensor => tensor(backend, Float32Array.from(values), [values.length]);
const direction = (time: Tensor, labels: Tensor): number[] =>
  Array.from(model.apply(params, { x, time, labels }).dataSync());

describe('latentFlow', () => {
  it('gives a direction like the features, which depends on time and class of each map', () => {
    const one = direction(times(0.2, 0.2), word(0, 0));
    expect(one).toHaveLength(x.size);
    for (const other of [direction(times(0.2, 0.3), word(0, 0)), direction(times(0.2, 0.2), word(0, 2))]) {
      expect(other.slice(0, 12)).toEqual(one.slice(0, 12));
      expect(other.slice(12)).not.toEqual(one.slice(12));
    }
  });

  it('tells places apart where all features are alike', () => {
    const alike = model.apply(params, { x: zeros(backend, [1, 2, 3, 2]), time: times(0.5), labels: word(0) });
    const all = Array.from(alike.dataSync());
    expect(new Set(Array.from({ length: 6 }, (_, at) => all.slice(2 * at, 2 * at + 2).join())).size).toBe(6);
  });

  it('lets classes be seen from the start, beside what times add to tokens', () => {
    const large = latentFlow({ dimension: 2, width: 64, blocks: 1, heads: 2, classes: 9 }).init(backend, 1);
    const values = large.label.dataSync() as Float32Array;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation).toBeGreaterThan(0.25);
    expect(deviation).toBeLessThan(0.35);
  });

  it('starts by standing still', () => {
    const fresh = model.init(backend, 1);
    expect(model.apply(fresh, { x, time: times(0, 1), labels: word(0, 1) }).dataSync()).toEqual(new Float32Array(24));
  });

  it('learns the way to features that are always the same: z − noise at every time', () => {
    const small = latentFlow({ dimension: 1, width: 8, blocks: 1, heads: 1 });
    const optimizer = adam<LatentFlowParams>();
    let state = small.init(backend, 3);
    let memory = optimizer.init(state);
    const losses: number[] = [];
    for (let step = 0; step < 150; step++) {
      const stream = random(4).split(step);
      const [noise, time] = [stream.normal(backend, [16, 1, 1, 1]), stream.uniform(backend, [16])];
      const t = reshape(time, [-1, 1, 1, 1]);
      const input = { x: add(mul(noise, sub(1, t)), mul(t, 2)), time, labels: word(...new Array<number>(16).fill(0)) };
      const { value, gradients } = valueAndGrad((p: LatentFlowParams) =>
        meanSquaredError(small.apply(p, input), sub(2, noise)),
      )(state);
      ({ params: state, state: memory } = tidy(() =>
        optimizer.update(state, gradients, memory, scalar(backend, 1e-2)),
      ));
      losses.push(value.dataSync()[0]!);
    }
    const mean = (from: number): number => losses.slice(from, from + 20).reduce((a, b) => a + b, 0) / 20;
    // At times near 1 noise cannot be told from x; the rest can.
    expect(mean(130)).toBeLessThan(0.35 * mean(0));
  });

  it('has parameters that all are used', () => {
    const { gradients } = valueAndGrad((p: LatentFlowParams) =>
      meanSquaredError(model.apply(p, { x, time: times(0.1, 0.7), labels: word(0, 1) }), x),
    )(params);
    const unused = tensorsOf(gradients).filter((g) => g.dataSync().every((value) => value === 0));
    expect(unused).toEqual([]);
  });
});

describe('flowTime', () => {
  it('crowds times towards noise, from 0 to 1, half of them below 1 / (1 + shift)', () => {
    const shifted = flowTime(times(0, 0.25, 0.5, 0.75, 1), scalar(backend, 9)).dataSync();
    [0, 1 / 28, 0.1, 0.25, 1].forEach((time, i) => void expect(shifted[i]).toBeCloseTo(time, 6));
    expect(Array.from(flowTime(times(0.3), scalar(backend, 1)).dataSync())[0]).toBeCloseTo(0.3, 6);
  });
});
