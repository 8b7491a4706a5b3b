import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { fillSurest, holesAfter, type OpenMap } from './fill-surest.ts';

describe('holesAfter', () => {
  it('follows the cosine of MaskGIT down to none', () => {
    expect([1, 2, 3, 4].map((pass) => holesAfter(100, pass, 4))).toEqual([92, 70, 38, 0]);
    expect(holesAfter(7, 1, 1)).toBe(0);
  });
});

describe('fillSurest', () => {
  it('fills the surest first, of equally sure ones the first', () => {
    const map = { indices: Uint32Array.of(9, 0, 0, 0), holes: Uint8Array.of(0, 1, 1, 1) };
    const guesses = { indices: [1, 2, 3, 4], sureness: [1, 0.5, 0.9, 0.5] };
    expect(fillSurest(map, guesses, 2)).toEqual({
      indices: Uint32Array.of(9, 0, 3, 0),
      holes: Uint8Array.of(0, 1, 0, 1),
    });
    expect(fillSurest(map, guesses, 1)).toEqual({
      indices: Uint32Array.of(9, 2, 3, 0),
      holes: Uint8Array.of(0, 0, 0, 1),
    });
    expect(fillSurest(map, guesses, 0).indices).toEqual(Uint32Array.of(9, 2, 3, 4));
    expect(map.indices).toEqual(Uint32Array.of(9, 0, 0, 0));
  });

  it('fills all indices of a position at once', () => {
    const map = { indices: Uint32Array.of(9, 8, 0, 0, 0, 0), holes: Uint8Array.of(0, 1, 1) };
    const guesses = { indices: [1, 2, 3, 4, 5, 6], sureness: [1, 0.1, 0.2] };
    expect(fillSurest(map, guesses, 1).indices).toEqual(Uint32Array.of(9, 8, 0, 0, 5, 6));
  });

  it('never changes what arrived, and fills everything else, over 10,000 random patterns', () => {
    const stream = random(15);
    for (let round = 0; round < 10_000; round++) {
      const size = 1 + stream.integer(40);
      const share = stream.next();
      const indices = Uint32Array.from({ length: size }, () => 1000 + stream.integer(1000));
      const lost = Uint8Array.from({ length: size }, () => Number(stream.next() < share));
      const passes = 1 + stream.integer(5);
      let map: OpenMap = { indices, holes: lost };
      const count = lost.reduce((sum, flag) => sum + flag, 0);
      for (let pass = 1; pass <= passes; pass++) {
        // Guesses for what arrived too, and some that are no numbers.
        const guesses = {
          indices: Uint32Array.from({ length: size }, () => stream.integer(1000)),
          sureness: Array.from({ length: size }, () => (stream.next() < 0.1 ? Number.NaN : stream.next())),
        };
        map = fillSurest(map, guesses, holesAfter(count, pass, passes));
        expect(map.holes.reduce((sum, flag) => sum + flag, 0)).toBe(holesAfter(count, pass, passes));
      }
      const isRight = map.indices.every((index, at) => (lost[at] === 1 ? index < 1000 : index === indices[at]));
      expect(isRight).toBe(true);
    }
  });
});
