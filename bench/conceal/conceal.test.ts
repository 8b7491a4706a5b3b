import { describe, expect, it } from 'vitest';
import { baselines } from './baselines.ts';
import { nearestOthers } from './bounds.ts';
import { lossOf, packetCount, patterns } from './losses.ts';
import { meanOf, mixtures, rank } from './vectors.ts';

const [width, height] = [48, 32];
const holesOf = (lost: Uint8Array): number[] => [...lost.keys()].filter((at) => lost[at] === 1);

describe('lossOf', () => {
  it('loses the share that is asked for, as near as packets allow, and the same for the same seed', () => {
    for (const pattern of patterns) {
      for (const share of [0, 0.05, 0.2, 0.5, 1]) {
        const lost = lossOf(pattern, share, width, height, 3);
        // half a packet of 20
        expect(Math.abs(holesOf(lost).length / lost.length - share)).toBeLessThan(0.5 / packetCount);
        expect(lossOf(pattern, share, width, height, 3)).toEqual(lost);
      }
      expect(lossOf(pattern, 0.2, width, height, 4)).not.toEqual(lossOf(pattern, 0.2, width, height, 3));
    }
  });

  it('loses whole packets, in a row or anywhere', () => {
    const one = (first: number): string => holesOf(lossOf('burst', 1 / packetCount, width, height, first)).join();
    const packets = new Set(Array.from({ length: 200 }, (_, seed) => one(seed)));
    expect(packets.size).toBe(packetCount);
    for (const pattern of ['packets', 'burst'] as const) {
      const gone = new Set(holesOf(lossOf(pattern, 0.2, width, height, 1)));
      const whole = [...packets].map((packet) => packet.split(',').filter((at) => gone.has(Number(at))).length);
      const sizes = [...packets].map((packet) => packet.split(',').length);
      expect(whole.filter((count, i) => count === sizes[i])).toHaveLength(4);
      expect(whole.filter((count) => count === 0)).toHaveLength(packetCount - 4);
    }
  });
});

describe('baselines', () => {
  const grid = { width: 3, height: 3, codebookSizes: [16], modelId: '' };
  const indices = Uint32Array.of(5, 5, 7, 2, 0, 7, 2, 7, 0);
  const lost = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1);
  const fill = (name: string) => baselines[name]!(indices, lost, grid) as Uint32Array;

  it('fill holes as they are named, and nothing else', () => {
    expect([...fill('zero')]).toEqual([...indices]);
    expect([...fill('most frequent')]).toEqual([5, 5, 7, 2, 7, 7, 2, 7, 7]);
    expect([...fill('majority')]).toEqual([5, 5, 7, 2, 7, 7, 2, 7, 7]);
    expect([fill('neighbours')[4], fill('neighbours')[8]]).toEqual([5, 7]);
  });

  it('end where nothing arrived', () => {
    const all = new Uint8Array(9).fill(1);
    for (const conceal of Object.values(baselines)) {
      expect([...(conceal(new Uint32Array(9), all, grid) as Uint32Array)]).toEqual(Array(9).fill(0));
    }
  });
});

describe('nearestOthers', () => {
  it('puts the nearest other code into holes', () => {
    const codes = { data: Float32Array.of(0, 0, 3, 0, 0, 4, 3, 1), shape: [4, 2] };
    const map = { planes: [Uint32Array.of(0, 1, 2, 3, 3)], codebookSizes: [4], width: 5, height: 1 };
    expect([...nearestOthers(map, Uint8Array.of(1, 1, 1, 1, 0), codes)]).toEqual([1, 3, 0, 1, 3]);
  });
});

describe('vectors in place of codes', () => {
  const codes = Float32Array.of(0, 0, 4, 0, 0, 8);
  const ranked = rank(Float32Array.of(Math.log(1), Math.log(2), Math.log(1)));

  it('are means by probability', () => {
    expect(ranked.map(({ code }) => code)).toEqual([1, 0, 2]);
    const mean = meanOf(mixtures['mean vector'](ranked), codes, 2);
    const half = meanOf(mixtures['half of the mean, half of the likeliest'](ranked), codes, 2);
    for (const [made, wanted] of [
      [mean, [2, 2]],
      [half, [3, 1]],
    ] as const)
      made.forEach((value, i) => void expect(value).toBeCloseTo(wanted[i]!, 5));
  });

  it('leave out what is hardly possible', () => {
    expect(rank(Float32Array.of(0, -20, -1))).toHaveLength(2);
  });
});
