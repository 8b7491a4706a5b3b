import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { codesInSight } from './codes-in-sight.ts';

describe('codesInSight', () => {
  it('finds the first known index to the left, to the right, above and below', () => {
    const indices = Uint32Array.of(1, 2, 3, 4, 0, 6, 7, 8, 9);
    const holes = Uint8Array.from(indices, (index) => Number(index === 0));
    expect([...codesInSight(indices, holes, 3, 3).subarray(16, 20)]).toEqual([4, 6, 2, 8]);
  });

  it('looks across holes, and takes the nearest where a direction ends at the rim', () => {
    const indices = Uint32Array.of(0, 0, 0, 5, 0, 0, 0, 0);
    const holes = Uint8Array.from(indices, (index) => Number(index === 0));
    const seen = codesInSight(indices, holes, 8, 1);
    expect([...seen.subarray(0, 4)]).toEqual([5, 5, 5, 5]);
    expect([...seen.subarray(28, 32)]).toEqual([5, 5, 5, 5]);
  });

  it('gives nothing but what arrived, in its row or column where there is something, over random maps', () => {
    const stream = random(1);
    for (let round = 0; round < 200; round++) {
      const [width, height] = [1 + stream.integer(9), 1 + stream.integer(9)];
      const share = stream.next();
      const holes = Uint8Array.from({ length: width * height }, () => Number(stream.next() < share));
      const indices = Uint32Array.from(holes, (flag, at) => (flag ? 0 : at + 1));
      const seen = codesInSight(indices, holes, width, height);
      const hasSome = holes.includes(0);
      for (let at = 0; at < holes.length; at++) {
        const own = [...seen.subarray(4 * at, 4 * at + 4)];
        if (!holes[at]) expect(own).toEqual(Array(4).fill(at + 1));
        else if (hasSome) expect(own.every((index) => index > 0)).toBe(true);
        else expect(own).toEqual([0, 0, 0, 0]);
        const [x, y] = [at % width, Math.floor(at / width)];
        const row = [...indices.subarray(y * width, y * width + x)].reverse().find((index) => index > 0);
        if (holes[at] && row !== undefined) expect(own[0]).toBe(row);
        const below = Array.from({ length: height - y - 1 }, (_, i) => indices[(y + 1 + i) * width + x]!).find(Boolean);
        if (holes[at] && below !== undefined) expect(own[3]).toBe(below);
      }
    }
  });
});
