import { describe, expect, it } from 'vitest';
import type { Conv2dAttributes } from '../backend/kernels.ts';
import { type Shape, sizeOf } from '../dtype.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from './conv2d.ts';
import { type HostTensor, hostTensor } from './host-kernel.ts';

const settings: readonly { attributes: Conv2dAttributes; x: Shape; filter: Shape; y: Shape }[] = [
  {
    attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
    x: [2, 5, 4, 3],
    filter: [3, 3, 3, 2],
    y: [2, 5, 4, 2],
  },
  {
    attributes: { strides: [2, 3], pads: [0, 2, 1, 0], dilations: [2, 1] },
    x: [1, 9, 7, 2],
    filter: [3, 2, 2, 5],
    y: [1, 3, 3, 5],
  },
  {
    attributes: { strides: [1, 1], pads: [4, 4, 4, 4], dilations: [1, 1] },
    x: [1, 2, 2, 1],
    filter: [5, 5, 1, 1],
    y: [1, 6, 6, 1],
  },
];

function waves(shape: Shape): HostTensor {
  return hostTensor(
    'f32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7 + 0.3)),
  );
}

/** The definition, one product at a time. */
function forEachProduct(
  { attributes: { strides, pads, dilations }, x, filter, y }: (typeof settings)[number],
  visit: (xAt: number, filterAt: number, yAt: number) => void,
): void {
  const [n, ho, wo, cout] = y as [number, number, number, number];
  const [kh, kw, cin] = filter as [number, number, number];
  for (let p = 0; p < n * ho * wo; p++) {
    for (let w = 0; w < kh * kw; w++) {
      const row = (Math.floor(p / wo) % ho) * strides[0] - pads[0] + Math.floor(w / kw) * dilations[0];
      const column = (p % wo) * strides[1] - pads[1] + (w % kw) * dilations[1];
      if (row < 0 || row >= x[1]! || column < 0 || column >= x[2]!) continue;
      const pixel = (Math.floor(p / (ho * wo)) * x[1]! + row) * x[2]! + column;
      for (let i = 0; i < cin; i++) {
        for (let o = 0; o < cout; o++) visit(pixel * cin + i, (w * cin + i) * cout + o, p * cout + o);
      }
    }
  }
}

describe('conv2d', () => {
  it('multiplies a worked example by hand', () => {
    const x = hostTensor('f32', [1, 2, 2, 1], [1, 2, 3, 4]);
    const filter = hostTensor('f32', [2, 2, 1, 1], [10, 20, 30, 40]);
    const attributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
    expect(conv2d([x, filter], attributes, [{ shape: [1, 1, 1, 1], dtype: 'f32' }])[0]![0]).toBe(300);
  });

  it.each(settings)('equals the definition, forwards and backwards: $attributes', (setting) => {
    const [x, filter, dy] = [waves(setting.x), waves(setting.filter), waves(setting.y)];
    const y = new Float64Array(sizeOf(setting.y));
    const dx = new Float64Array(sizeOf(setting.x));
    const dFilter = new Float64Array(sizeOf(setting.filter));
    forEachProduct(setting, (i, f, o) => {
      y[o]! += x.data[i]! * filter.data[f]!;
      dx[i]! += dy.data[o]! * filter.data[f]!;
      dFilter[f]! += dy.data[o]! * x.data[i]!;
    });
    const run = (kernel: typeof conv2d, inputs: HostTensor[], like: HostTensor): ArrayLike<number> =>
      kernel(inputs, setting.attributes, [like])[0]!;
    // Both sum in float64 and round once, in different orders: rarely one float32 step apart.
    const expectClose = (actual: ArrayLike<number>, expected: Float64Array): void => {
      expect(actual.length).toBe(expected.length);
      expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-6));
    };
    expectClose(run(conv2d, [x, filter], dy), y);
    expectClose(run(conv2dInputGrad, [dy, filter], x), dx);
    expectClose(run(conv2dFilterGrad, [x, dy], filter), dFilter);
  });
});
