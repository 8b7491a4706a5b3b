/** `pool2d` and sums over windows, channels-first. */
import type { Pool2dAttributes } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import type { SumWindowsAttributes } from '../fuse/fuse-repeats.ts';
import type { Lower } from '../lowering.ts';
import { imageOrder } from './convolve.ts';

/** ONNX attributes of a pooling. */
export function poolingWindow({ size, strides, pads }: Pool2dAttributes): NodeAttributes {
  return { kernel_shape: { ints: size }, strides: { ints: strides }, pads: { ints: pads } };
}

/** Lowers `pool2d`. */
export const lowerPool2d: Lower<Pool2dAttributes> = (l, [x], attributes, [view]) => {
  const image = x.name(imageOrder);
  const window = poolingWindow(attributes);
  const name =
    attributes.op === 'max'
      ? l.g.op('MaxPool', [image], window)
      : l.g.op('AveragePool', [image], { ...window, count_include_pad: { int: 1 } });
  return l.result(view, name, { order: imageOrder });
};

/** Lowers `sumWindows`: averages times their number. */
export const lowerSumWindows: Lower<SumWindowsAttributes> = (l, [x], { rows, columns }, [view]) => {
  const window = { kernel_shape: { ints: [rows, columns] }, strides: { ints: [rows, columns] } };
  const means = l.g.op('AveragePool', [x.name(imageOrder)], window);
  const sums = l.g.op('Mul', [means, l.g.scalar(rows * columns, 'float')]);
  return l.result(view, sums, { order: imageOrder });
};
