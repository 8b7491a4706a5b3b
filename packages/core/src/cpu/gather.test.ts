import { describe, expect, it } from 'vitest';
import { gather, scatterAdd } from './gather.ts';
import { hostTensor } from './host-kernel.ts';

const indices = hostTensor('u32', [3], [2, 0, 2]);

describe('gather and scatterAdd', () => {
  it('picks slices along an axis', () => {
    const x = hostTensor('i32', [2, 3], [1, 2, 3, 4, 5, 6]);
    expect(Array.from(gather([x, indices], { axis: 1 }, [x])[0]!)).toEqual([3, 1, 3, 6, 4, 6]);
  });

  it('adds updates that share an index', () => {
    const updates = hostTensor('f32', [3, 2], [1, 2, 3, 4, 5, 6]);
    const [sums] = scatterAdd([indices, updates], { axis: 0 }, [updates]);
    expect(Array.from(sums!)).toEqual([3, 4, 0, 0, 6, 8]);
  });

  it('refuses indices out of range', () => {
    const x = hostTensor('f32', [2], [1, 2]);
    expect(() => gather([x, indices], { axis: 0 }, [x])).toThrow(/indices in \[0, 2\), got 2/);
  });
});
