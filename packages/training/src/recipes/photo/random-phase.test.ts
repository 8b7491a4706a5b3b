import { cpu, random, tensor } from '@vqkit/core';
import { checkGradients, noise } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { randomPhase } from './random-phase.ts';

const backend = cpu();

/** Images moved by plain indexing. */
function moved(data: ArrayLike<number>, [n, h, w, c]: readonly number[], dy: number, dx: number): number[] {
  const within = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
  return Array.from({ length: n! * h! * w! * c! }, (_, i) => {
    const [image, y, x, channel] = [
      Math.floor(i / (h! * w! * c!)),
      Math.floor(i / (w! * c!)) % h!,
      Math.floor(i / c!) % w!,
      i % c!,
    ];
    return data[((image * h! + within(y + dy, h!)) * w! + within(x + dx, w!)) * c! + channel]!;
  });
}

describe('randomPhase', () => {
  it('moves all images by the same offset, which depends on the key, and repeats their borders', () => {
    const shape = [2, 12, 13, 3];
    const a = random(1).normal(backend, shape);
    const b = random(2).normal(backend, shape);
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const [x, y] = randomPhase([a, b], tensor(backend, random(i).bits(2)));
      const offsets = [...Array(64).keys()].map((k) => [(k >> 3) - 4, (k & 7) - 4] as const);
      const isMoved = (from: typeof a, to: typeof a, [dy, dx]: readonly [number, number]): boolean => {
        const expected = moved(from.dataSync(), shape, dy, dx);
        return to.dataSync().every((value, j) => value === expected[j]);
      };
      const found = offsets.find((offset) => isMoved(a, x!, offset));
      expect(found).toBeDefined();
      expect(isMoved(b, y!, found!)).toBe(true);
      seen.add(found!.join());
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it('lets gradients through to the pixels', async () => {
    const words = random(5).bits(2);
    await checkGradients(backend, (x) => randomPhase([x!], tensor(x!.backend, words))[0]!, [noise([1, 9, 10, 1])]);
  });
});
