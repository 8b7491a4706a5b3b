import { describe, expect, it } from 'vitest';
import { hostTensor } from './host-kernel.ts';
import { pool2d, pool2dGrad } from './pool2d.ts';

const x = hostTensor('f32', [1, 3, 3, 1], [1, 2, 3, 4, 9, 9, 7, 9, 5]);
const window = { size: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] } as const;
const out = { shape: [1, 2, 2, 1], dtype: 'f32' } as const;
const dy = hostTensor('f32', [1, 2, 2, 1], [1, 10, 100, 1000]);

describe('pool2d', () => {
  it('ignores pads for the maximum and counts them as zeros for the average', () => {
    expect(Array.from(pool2d([x], { op: 'max', ...window }, [out])[0]!)).toEqual([9, 9, 9, 5]);
    expect(Array.from(pool2d([x], { op: 'avg', ...window }, [out])[0]!)).toEqual([4, 3, 4, 1.25]);
  });

  it('gives the whole gradient to the first maximum of a window', () => {
    const overlapping = { op: 'max', size: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0] } as const;
    const [dx] = pool2dGrad([x, dy], overlapping, [x]);
    expect(Array.from(dx!)).toEqual([0, 0, 0, 0, 1111, 0, 0, 0, 0]);
  });

  it('spreads the gradient of the average evenly', () => {
    const [dx] = pool2dGrad([x, dy], { op: 'avg', ...window }, [x]);
    expect(Array.from(dx!)).toEqual([0.25, 0.25, 2.5, 0.25, 0.25, 2.5, 25, 25, 250]);
  });
});
