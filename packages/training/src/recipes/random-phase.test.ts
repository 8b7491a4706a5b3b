import { cpu, random, slice, tensor } from '@vqkit/core';
import { checkGradients, noise } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { randomPhase } from './random-phase.ts';

const backend = cpu();

describe('randomPhase', () => {
  it('cuts the same window out of all images, at offsets that depend on the key', () => {
    const a = random(1).normal(backend, [2, 12, 13, 3]);
    const b = random(2).normal(backend, [2, 12, 13, 3]);
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const [x, y] = randomPhase([a, b], tensor(backend, random(i).bits(2)));
      expect(x!.shape).toEqual([2, 4, 5, 3]);
      const offsets = [...Array(64).keys()].map((k) => [k >> 3, k & 7] as const);
      const matches = (image: typeof a, crop: typeof a, [dy, dx]: readonly [number, number]): boolean =>
        slice(image, [0, dy, dx, 0], { size: [2, 4, 5, 3] })
          .dataSync()
          .every((value, j) => value === crop.dataSync()[j]);
      const found = offsets.find((offset) => matches(a, x!, offset));
      expect(found).toBeDefined();
      expect(matches(b, y!, found!)).toBe(true);
      seen.add(found!.join());
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it('lets gradients through to the pixels of the window', async () => {
    const words = random(5).bits(2);
    await checkGradients(backend, (x) => randomPhase([x!], tensor(x!.backend, words))[0]!, [noise([1, 9, 10, 1])]);
  });
});
