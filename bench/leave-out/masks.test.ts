import { describe, expect, it } from 'vitest';
import { lattice, leastWrong, maskBits } from './masks.ts';

describe('what is left out', () => {
  it('lies in a lattice', () => {
    expect([...lattice('checkerboard', 3, 2)]).toEqual([0, 1, 0, 1, 0, 1]);
    expect([...lattice('quarter', 3, 3)]).toEqual([0, 1, 0, 1, 1, 1, 0, 1, 0]);
  });

  it('or where guesses are the least wrong', () => {
    const guessed = [4, 1, 3, 2].map((error, i) => ({ at: 2 * i, error }));
    expect([...leastWrong(guessed, 0.5, 8)]).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
    expect([...leastWrong(guessed, 0, 3)]).toEqual([0, 0, 0]);
  });

  it('costs a mask its entropy', () => {
    expect(maskBits(100, 0.5)).toBe(100);
    expect(maskBits(100, 0)).toBe(0);
    expect(maskBits(8, 0.25)).toBeCloseTo(8 * 0.8113, 3);
  });
});
