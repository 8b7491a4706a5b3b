import { cpu, random, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { flowMethod } from './flow-method.ts';

const backend = cpu();
const [count, h, w, dimension] = [300, 2, 3, 4];
const size = h * w * dimension;
const method = flowMethod({ dimension, width: 8, blocks: 1, heads: 1 }, [h, w]);

/** What is measured of maps, as numbers. */
function measured(features: Float32Array, maps = count) {
  const fixed = method.measure(tensor(backend, features, [maps, h, w, dimension]));
  return Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, Array.from(value.dataSync(), Number)]));
}

describe('what the flow method measures', () => {
  it('is mean and deviation of each channel', () => {
    const noise = random(1).normalArray(count * size);
    const { average, deviation } = measured(noise.map((value, i) => 3 * value + (i % dimension)));
    for (let d = 0; d < dimension; d++) {
      expect(average![d]).toBeCloseTo(d, 0);
      expect(deviation![d]! / 3).toBeCloseTo(1, 1);
    }
  });

  it('is a shift of times of 1 where all numbers of a map are independent, and of the root of their number where all say the same', () => {
    const noise = random(2).normalArray(count * size);
    expect(measured(noise).shift![0]).toBeCloseTo(1, 1);
    const alike = noise.map((_, i) => noise[i - (i % size)]!);
    expect(measured(alike).shift![0]! / Math.sqrt(size)).toBeCloseTo(1, 0);
    const pairs = noise.map((_, i) => noise[i - (i % 2)]!);
    expect(measured(pairs).shift![0]).toBeCloseTo(Math.SQRT2, 1);
  });

  it('is a finite number of a single map, and where a channel is constant', () => {
    for (const features of [random(3).normalArray(size), new Float32Array(size)])
      expect(measured(features, 1).shift).toEqual([1]);
  });
});
