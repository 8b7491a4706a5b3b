import { describe, expect, it } from 'vitest';
import { hostTensor } from './host-kernel.ts';
import { nearestCode } from './nearest-code.ts';

const out = [
  { shape: [2], dtype: 'u32' },
  { shape: [2], dtype: 'f32' },
] as const;

describe('nearestCode', () => {
  it('finds the nearest codes and their squared distances', () => {
    const x = hostTensor('f32', [2, 2], [1, 1, 9, 8]);
    const codebook = hostTensor('f32', [3, 2], [10, 10, 0, 0, 9, 9]);
    const [indices, distances] = nearestCode([x, codebook], {}, out);
    expect(Array.from(indices!)).toEqual([1, 2]);
    expect(Array.from(distances!)).toEqual([2, 1]);
  });

  it('prefers the lowest index among equally near codes', () => {
    const x = hostTensor('f32', [2, 1], [0, 5]);
    const codebook = hostTensor('f32', [4, 1], [1, -1, 4, 6]);
    expect(Array.from(nearestCode([x, codebook], {}, out)[0]!)).toEqual([0, 2]);
  });

  it('tells apart codes that an expanded square in float32 could not', () => {
    // |x|² ≈ 1e8, so float32 would resolve distances only to about 8.
    const x = hostTensor('f32', [2, 1], [10000, 10000.5]);
    const codebook = hostTensor('f32', [2, 1], [10001, 10000]);
    const [indices, distances] = nearestCode([x, codebook], {}, out);
    expect(Array.from(indices!)).toEqual([1, 0]);
    expect(Array.from(distances!)).toEqual([0, 0.25]);
  });
});
