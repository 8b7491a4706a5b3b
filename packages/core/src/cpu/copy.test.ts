import { describe, expect, it } from 'vitest';
import { broadcast, slice, transpose } from './copy.ts';
import { hostTensor } from './host-kernel.ts';
import { concat, pad } from './join.ts';

const x = hostTensor('f32', [2, 3], [1, 2, 3, 4, 5, 6]);
const spec = (...shape: number[]) => ({ shape, dtype: 'f32' }) as const;

describe('copies', () => {
  it('transposes', () => {
    expect(Array.from(transpose([x], { perm: [1, 0] }, [spec(3, 2)])[0]!)).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('slices with positive and negative steps', () => {
    expect(Array.from(slice([x], { begin: [0, 0], step: [1, 2] }, [spec(2, 2)])[0]!)).toEqual([1, 3, 4, 6]);
    expect(Array.from(slice([x], { begin: [1, 2], step: [-1, -1] }, [spec(2, 3)])[0]!)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(Array.from(slice([x], { begin: [0, 3], step: [1, 1] }, [spec(2, 0)])[0]!)).toEqual([]);
  });

  it('broadcasts scalars and rows', () => {
    expect(Array.from(broadcast([hostTensor('f32', [], [7])], {}, [spec(2, 2)])[0]!)).toEqual([7, 7, 7, 7]);
    expect(Array.from(broadcast([hostTensor('f32', [2, 1], [1, 2])], {}, [spec(2, 2)])[0]!)).toEqual([1, 1, 2, 2]);
  });

  it('joins along any axis, empty inputs included', () => {
    const y = hostTensor('f32', [2, 1], [8, 9]);
    const empty = hostTensor('f32', [2, 0], []);
    expect(Array.from(concat([x, empty, y], { axis: 1 }, [spec(2, 4)])[0]!)).toEqual([1, 2, 3, 8, 4, 5, 6, 9]);
  });

  it('pads with a value, in f16 with its bits', () => {
    const row = hostTensor('f16', [1, 2], [0x3c00, 0xc000]);
    const out = { shape: [2, 4], dtype: 'f16' } as const;
    const [padded] = pad([row], { before: [1, 1], after: [0, 1], value: 2 }, [out]);
    expect(Array.from(padded!)).toEqual([0x4000, 0x4000, 0x4000, 0x4000, 0x4000, 0x3c00, 0xc000, 0x4000]);
  });
});
