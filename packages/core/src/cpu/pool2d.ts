/** `pool2d` and its gradient. Sums accumulate in float64. */

import type { Pool2dAttributes, RequiredKernels } from '../backend/kernels.ts';
import { sizeOf } from '../dtype.ts';
import type { HostKernel } from './host-kernel.ts';

/** Rows (or columns) of the input that a window covers: [first, end). */
function span(index: number, stride: number, pad: number, size: number, limit: number): [number, number] {
  const start = index * stride - pad;
  return [Math.max(0, start), Math.min(limit, start + size)];
}

type Shape4 = readonly [number, number, number, number];

/** Calls `visit` for every output element, with its index and the offsets of the input elements in its window, in row-major order. */
function forEachWindow(
  input: Shape4,
  output: Shape4,
  { size, strides, pads }: Pool2dAttributes,
  visit: (index: number, window: readonly number[]) => void,
): void {
  const [, height, width, channels] = input;
  const [n, ho, wo] = output;
  let index = 0;
  for (let image = 0; image < n; image++) {
    for (let oy = 0; oy < ho; oy++) {
      const [top, bottom] = span(oy, strides[0], pads[0], size[0], height);
      for (let ox = 0; ox < wo; ox++) {
        const [left, right] = span(ox, strides[1], pads[1], size[1], width);
        for (let c = 0; c < channels; c++, index++) {
          const window: number[] = [];
          for (let y = top; y < bottom; y++) {
            const row = (image * height + y) * width;
            for (let x = left; x < right; x++) window.push((row + x) * channels + c);
          }
          visit(index, window);
        }
      }
    }
  }
}

/** x `[N,H,W,C]` → `[N,Ho,Wo,C]`. */
export const pool2d: HostKernel<RequiredKernels['pool2d']> = ([x], attributes, [out]) => {
  const { data } = x!;
  const { op, size } = attributes;
  const result = new Float32Array(sizeOf(out!.shape));
  forEachWindow(x!.shape as unknown as Shape4, out!.shape as unknown as Shape4, attributes, (index, window) => {
    let value = op === 'max' ? Number.NEGATIVE_INFINITY : 0;
    for (const at of window) value = op === 'max' ? Math.max(value, data[at]!) : value + data[at]!;
    result[index] = op === 'max' ? value : value / (size[0] * size[1]);
  });
  return [result];
};

/** x `[N,H,W,C]`, dy `[N,Ho,Wo,C]` → dx; for `max` the first maximum of a window takes it all. */
export const pool2dGrad: HostKernel<RequiredKernels['pool2dGrad']> = ([x, dy], attributes, [out]) => {
  const { data } = x!;
  const { op, size } = attributes;
  const sums = new Float64Array(sizeOf(out!.shape));
  forEachWindow(x!.shape as unknown as Shape4, dy!.shape as unknown as Shape4, attributes, (index, window) => {
    const gradient = dy!.data[index]!;
    if (op === 'avg') {
      for (const at of window) sums[at]! += gradient / (size[0] * size[1]);
    } else if (window.length > 0) {
      sums[window.reduce((best, at) => (data[at]! > data[best]! ? at : best))]! += gradient;
    }
  });
  return [Float32Array.from(sums)];
};
