import { describe, expect, it } from 'vitest';
import { fill, range } from './create.ts';

describe('fill and range', () => {
  it('fills any dtype, f16 with the bits of the value', () => {
    expect(Array.from(fill([], { value: 1 }, [{ shape: [2], dtype: 'f16' }])[0]!)).toEqual([0x3c00, 0x3c00]);
    expect(Array.from(fill([], { value: 7 }, [{ shape: [], dtype: 'u8' }])[0]!)).toEqual([7]);
  });

  it('counts in steps without adding up rounding errors', () => {
    const [values] = range([], { start: 0, step: 0.1 }, [{ shape: [1001], dtype: 'f32' }]);
    expect(values![1000]).toBe(100);
    expect(Array.from(range([], { start: 5, step: -2 }, [{ shape: [3], dtype: 'i32' }])[0]!)).toEqual([5, 3, 1]);
  });
});
