import { describe, expect, it } from 'vitest';
import { concealLost } from './conceal.ts';

describe('concealLost', () => {
  it('takes the nearest index that arrived and leaves the others', () => {
    const indices = Uint32Array.of(7, 0, 0, 0, 0, 9);
    const lost = Uint8Array.of(0, 1, 1, 1, 1, 0);
    expect([...concealLost(indices, lost, 6)]).toEqual([7, 7, 7, 9, 9, 9]);
  });

  it('does not wrap around the edge of a row', () => {
    const indices = Uint32Array.of(0, 5, 0, 0);
    expect([...concealLost(indices, Uint8Array.of(1, 0, 1, 1), 2)]).toEqual([5, 5, 5, 5]);
  });

  it('gives zeros when nothing arrived', () => {
    expect([...concealLost(Uint32Array.of(0, 0), Uint8Array.of(1, 1), 2)]).toEqual([0, 0]);
  });
});
