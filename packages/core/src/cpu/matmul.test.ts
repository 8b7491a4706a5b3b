import { describe, expect, it } from 'vitest';
import { hostTensor } from './host-kernel.ts';
import { matmul } from './matmul.ts';

const a = hostTensor('f32', [1, 2, 3], [1, 2, 3, 4, 5, 6]);
const b = hostTensor('f32', [1, 3, 2], [7, 8, 9, 10, 11, 12]);
const product = [58, 64, 139, 154];
const out = { shape: [1, 2, 2], dtype: 'f32' } as const;

describe('matmul', () => {
  it('multiplies two matrices', () => {
    expect(Array.from(matmul([a, b], { transposeA: false, transposeB: false }, [out])[0]!)).toEqual(product);
  });

  it('reads either side transposed', () => {
    const aT = hostTensor('f32', [1, 3, 2], [1, 4, 2, 5, 3, 6]);
    const bT = hostTensor('f32', [1, 2, 3], [7, 9, 11, 8, 10, 12]);
    expect(Array.from(matmul([aT, bT], { transposeA: true, transposeB: true }, [out])[0]!)).toEqual(product);
  });

  it('shares a batch of one with all entries of the other side', () => {
    const b2 = hostTensor('f32', [2, 3, 1], [1, 1, 1, 0, 0, 1]);
    const [result] = matmul([a, b2], { transposeA: false, transposeB: false }, [{ shape: [2, 2, 1], dtype: 'f32' }]);
    expect(Array.from(result!)).toEqual([6, 15, 3, 6]);
  });

  it('handles odd sizes and an empty inner axis', () => {
    const row = hostTensor('f32', [1, 1, 3], [1, 2, 3]);
    const square = hostTensor('f32', [1, 3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const attributes = { transposeA: false, transposeB: false };
    expect(Array.from(matmul([row, square], attributes, [{ shape: [1, 1, 3], dtype: 'f32' }])[0]!)).toEqual([1, 2, 3]);
    const empty = [hostTensor('f32', [1, 2, 0], []), hostTensor('f32', [1, 0, 2], [])];
    expect(Array.from(matmul(empty, attributes, [out])[0]!)).toEqual([0, 0, 0, 0]);
  });
});
