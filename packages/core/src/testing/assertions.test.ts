import { describe, expect, it } from 'vitest';
import { BackendError } from '../errors.ts';
import { exact, expectClose, expectError, expectSameBits } from './assertions.ts';

describe('expectClose', () => {
  it('accepts what lies within absolute plus relative tolerance', () => {
    expectClose([1.01, 100.9], [1, 100], { relative: 0.009, absolute: 0.002 });
    expect(() => expectClose([1.02], [1], { relative: 0.009, absolute: 0.002 })).toThrow(/at 0 expected 1, got 1\.02/);
  });

  it('finds NaN equal to NaN and infinities to themselves only', () => {
    expectClose([Number.NaN, Number.POSITIVE_INFINITY], [Number.NaN, Number.POSITIVE_INFINITY], exact);
    expect(() => expectClose([0], [Number.NaN], exact)).toThrow(/expected NaN, got 0/);
    expect(() => expectClose([Number.NaN], [0], { relative: 1, absolute: 1 })).toThrow(/expected 0, got NaN/);
    expect(() => expectClose([1e38], [Number.POSITIVE_INFINITY], { relative: 1, absolute: 1 })).toThrow(/got 1e\+38/);
  });

  it('names the worst element, how many differ, and what was allowed', () => {
    const compare = (): void => expectClose([1, 2.5, 3.1, 4], [1, 2, 3, 4], { relative: 0, absolute: 0.01 }, 'means');
    expect(compare).toThrow('means: 2 of 4 differ; at 1 expected 2, got 2.5 (off by 0.5, allowed 0.01 + 0·|expected|)');
    expect(compare).toThrow(expect.objectContaining({ code: 'VALUES_DIFFER' }));
  });

  it('notices missing values', () => {
    expect(() => expectClose([], [1], exact)).toThrow(/expected 1 values, got 0/);
  });
});

describe('expectSameBits', () => {
  it('tells zeros apart, and accepts NaN', () => {
    expectSameBits(Float32Array.of(Number.NaN, 1), Float32Array.of(Number.NaN, 1));
    expect(() => expectSameBits(Float32Array.of(1, -0), Float32Array.of(1, 0))).toThrow(/element 1/);
  });
});

describe('expectError', () => {
  const error = new BackendError({ code: 'KERNEL_MISSING', message: "no 'x'", fix: 'Use y' });
  const fail = (): never => {
    throw error;
  };

  it('accepts the code and the text, thrown or rejected', async () => {
    await expectError(fail, 'KERNEL_MISSING', /'x'/);
    await expectError(() => Promise.reject(error), 'KERNEL_MISSING', /Use y/);
  });

  it('refuses other codes, other texts, plain errors and silence', async () => {
    await expect(expectError(fail, 'LEAK', /x/)).rejects.toThrow(/expected an error LEAK, got KERNEL_MISSING/);
    await expect(expectError(fail, 'KERNEL_MISSING', /z/)).rejects.toThrow(/matches/);
    await expect(expectError(() => Promise.reject(new Error('oh')), 'LEAK', /x/)).rejects.toThrow(/no code: oh/);
    await expect(expectError(() => 1, 'LEAK', /x/)).rejects.toThrow(/nothing was thrown/);
  });
});
