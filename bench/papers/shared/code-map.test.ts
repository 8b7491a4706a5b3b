import { cpu, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { mapOfCodes, mappedSizes, singleCodebook } from './code-map.ts';

describe('a map of codes', () => {
  /** Two heaps of codes of three values, far from each other; every second code belongs to the second. */
  const heaps = Float32Array.from({ length: 3 * 40 }, (_, i) => (Math.floor(i / 3) % 2) * 50 + Math.sin(7 * i));
  const uses = new Array<number>(40).fill(5);

  it('keeps neighbours together, and is the same for the same seed', () => {
    const map = mapOfCodes(heaps, uses, 3)!;
    const nearest = (k: number): number => {
      const others = uses.map((_, j) => j).filter((j) => j !== k);
      const away = (j: number): number => (map.x[j]! - map.x[k]!) ** 2 + (map.y[j]! - map.y[k]!) ** 2;
      return others.reduce((best, j) => (away(j) < away(best) ? j : best));
    };
    expect(uses.filter((_, k) => nearest(k) % 2 !== k % 2)).toEqual([]);
    expect(mapOfCodes(heaps, uses, 3)).toEqual(map);
    expect(mapOfCodes(heaps, uses, 4)).not.toEqual(map);
    expect(map.uses).toEqual(uses);
  });

  it('has places for codes that are all the same', () => {
    const { x, y } = mapOfCodes(new Float32Array(2 * 10).fill(1), new Array<number>(10).fill(1))!;
    expect([...x, ...y].every(Number.isFinite)).toBe(true);
  });

  it('is not made of few or very many codes, nor of quantizers with other than one codebook', async () => {
    const of = (codes: number) => mapOfCodes(new Float32Array(codes), new Float32Array(codes));
    expect(of(mappedSizes.least - 1)).toBeUndefined();
    expect(of(mappedSizes.most + 1)).toBeUndefined();
    const codebook = tensor(cpu(), [1, 2, 3, 4, 5, 6], [3, 2]);
    expect(Array.from((await singleCodebook({ codebook }, 3))!)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await singleCodebook({ codebook }, 2)).toBeUndefined();
    expect(await singleCodebook({ parts: [{ codebook }] }, 3)).toBeUndefined();
  });
});
