import { describe, expect, it } from 'vitest';
import { exactJson, keyOfCall } from './call-key.ts';

describe('keyOfCall', () => {
  const values: unknown[] = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    null,
    'NaN',
    '-0',
    1,
  ];
  const key = (value: unknown): string =>
    keyOfCall({
      kernel: 'fill',
      inputs: [],
      attributes: { list: [value] } as never,
      outputs: [{ shape: [2], dtype: 'f32' }],
    });

  it('tells apart whatever numbers attributes hold', () => {
    expect(new Set(values.map(key)).size).toBe(values.length);
    expect(new Set(values.map((value) => exactJson({ value }))).size).toBe(values.length);
  });

  it('is the same for equal calls, and another for other shapes, dtypes and kernels', () => {
    expect(key(Number.NaN)).toBe(key(Number.NaN));
    const call = { kernel: 'a', inputs: [{ shape: [1, 2], dtype: 'f32' }], attributes: {}, outputs: [] } as const;
    const others = [
      call,
      { ...call, kernel: 'b' },
      { ...call, inputs: [{ shape: [12], dtype: 'f32' }] },
      { ...call, inputs: [{ shape: [1, 2], dtype: 'i32' }] },
      { ...call, inputs: [], outputs: call.inputs },
    ] as const;
    expect(new Set(others.map(keyOfCall)).size).toBe(others.length);
  });
});
