import { describe, expect, it } from 'vitest';
import { numberProblem } from './number-option.ts';

describe('numberProblem', () => {
  const range = { min: 1, max: 9 };

  it('lets numbers of the range pass, and undefined, which means the default', () => {
    for (const value of [1, 9, undefined]) expect(numberProblem('n', value, range)).toBeUndefined();
    expect(numberProblem('n', 1.5, { ...range, isWhole: false })).toBeUndefined();
  });

  it.each([0, -0, 10, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', true, null, 5n, [5], {}, new Number(5)])(
    'names %s, which is none',
    (value) => {
      expect(numberProblem('n', value, range)).toEqual({
        message: expect.stringMatching(/^expected n to be a whole number from 1 to 9, got ./),
        fix: expect.any(String),
      });
    },
  );

  it('says in words what is above 0', () => {
    const positive = { min: Number.MIN_VALUE, max: 16, isWhole: false };
    expect(numberProblem('scale', 100, positive)?.message).toBe(
      'expected scale to be a number above 0 and at most 16, got 100',
    );
  });
});
