/** `conv2d` and its two gradients: strides, dilations, asymmetric pads, windows larger than the image. */
import type { Conv2dAttributes } from '../../backend/kernels.ts';
import type { Shape } from '../../dtype.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { noise, spec } from '../samples.ts';
import { sumOf } from '../tolerances.ts';

interface Setting extends Partial<Conv2dAttributes> {
  readonly note: string;
  readonly x: Shape;
  readonly filter: Shape;
}

const settings: readonly Setting[] = [
  { note: 'one pixel', x: [1, 1, 1, 1], filter: [1, 1, 1, 1] },
  { note: '1×1', x: [2, 5, 3, 7], filter: [1, 1, 7, 5] },
  { note: '3×3 same', x: [2, 6, 5, 3], filter: [3, 3, 3, 4], pads: [1, 1, 1, 1] },
  { note: '3×3 valid', x: [1, 7, 6, 4], filter: [3, 3, 4, 8] },
  { note: '3×3, 8 to 8 channels', x: [1, 8, 8, 8], filter: [3, 3, 8, 8], pads: [1, 1, 1, 1] },
  { note: 'one input channel', x: [1, 9, 9, 1], filter: [5, 5, 1, 3], pads: [2, 2, 2, 2] },
  { note: 'one output channel', x: [1, 5, 5, 6], filter: [3, 3, 6, 1], pads: [1, 1, 1, 1] },
  { note: '4×4, stride 2', x: [1, 8, 8, 3], filter: [4, 4, 3, 5], strides: [2, 2], pads: [1, 1, 1, 1] },
  { note: '3×3, stride 2, odd image', x: [2, 7, 5, 2], filter: [3, 3, 2, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
  { note: 'stride that leaves a rest', x: [1, 8, 9, 2], filter: [3, 3, 2, 2], strides: [3, 2] },
  { note: 'stride beyond the window', x: [1, 7, 7, 2], filter: [1, 1, 2, 3], strides: [3, 3] },
  { note: 'different strides', x: [1, 6, 9, 2], filter: [2, 3, 2, 3], strides: [1, 3], pads: [1, 0, 0, 2] },
  { note: 'dilated', x: [1, 9, 8, 3], filter: [3, 3, 3, 4], dilations: [2, 2], pads: [2, 2, 2, 2] },
  { note: 'dilated one way, strided', x: [1, 9, 10, 2], filter: [3, 2, 2, 3], dilations: [3, 1], strides: [2, 1] },
  { note: 'asymmetric pads', x: [1, 4, 5, 2], filter: [3, 3, 2, 3], pads: [2, 0, 1, 3] },
  { note: 'window larger than the image', x: [1, 2, 3, 2], filter: [5, 5, 2, 3], pads: [2, 2, 2, 2] },
  { note: 'pads beyond the window', x: [1, 2, 2, 1], filter: [2, 2, 1, 2], pads: [3, 3, 3, 3] },
  { note: 'one row', x: [1, 1, 12, 3], filter: [1, 3, 3, 2], pads: [0, 1, 0, 1] },
  { note: 'one column', x: [1, 12, 1, 3], filter: [3, 1, 3, 2], pads: [1, 0, 1, 0] },
  { note: 'window of the whole image', x: [3, 4, 4, 5], filter: [4, 4, 5, 6] },
  { note: 'empty batch', x: [0, 4, 4, 2], filter: [3, 3, 2, 3], pads: [1, 1, 1, 1] },
  { note: '64 to 32 channels', x: [1, 6, 7, 64], filter: [3, 3, 64, 32], pads: [1, 1, 1, 1] },
  { note: '65 to 33 channels', x: [1, 3, 5, 65], filter: [3, 3, 65, 33], pads: [1, 1, 1, 1] },
];

function cases({ note, x, filter, ...given }: Setting): ConformanceCase[] {
  const attributes: Conv2dAttributes = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ...given };
  const { strides, pads, dilations } = attributes;
  const along = (axis: 0 | 1): number =>
    Math.floor(
      (x[axis + 1]! + pads[axis] + pads[axis + 2]! - (filter[axis]! - 1) * dilations[axis] - 1) / strides[axis],
    ) + 1;
  const y = [x[0]!, along(0), along(1), filter[3]!];
  const [kh, kw, cin, cout] = filter as [number, number, number, number];
  return [
    kernelCase(
      `conv2d: ${note}`,
      () => ({
        kernel: 'conv2d',
        inputs: [noise(x, 71), noise(filter, 72)],
        attributes: { ...attributes },
        outputs: [spec('f32', ...y)],
      }),
      sumOf(kh * kw * cin),
    ),
    kernelCase(
      `conv2dInputGrad: ${note}`,
      () => ({
        kernel: 'conv2dInputGrad',
        inputs: [noise(y, 73), noise(filter, 72)],
        attributes: { ...attributes },
        outputs: [spec('f32', ...x)],
      }),
      sumOf(kh * kw * cout),
    ),
    kernelCase(
      `conv2dFilterGrad: ${note}`,
      () => ({
        kernel: 'conv2dFilterGrad',
        inputs: [noise(x, 71), noise(y, 73)],
        attributes: { ...attributes },
        outputs: [spec('f32', ...filter)],
      }),
      sumOf(y[0]! * y[1]! * y[2]!),
    ),
  ];
}

/** Convolutions and their gradients. */
export const conv2dCases: readonly ConformanceCase[] = settings.flatMap(cases);
