/** `pool2d` and sums over windows, channels-first. */
import type { GraphNode, Pool2dAttributes } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import type { SumWindowsAttributes } from '../fuse/fuse-repeats.ts';
import type { Lowering } from '../lowering.ts';
import type { Value } from '../value.ts';
import { imageOrder } from './convolve.ts';

/** ONNX attributes of a pooling. */
export function poolingWindow({ size, strides, pads }: Pool2dAttributes): NodeAttributes {
  return { kernel_shape: { ints: size }, strides: { ints: strides }, pads: { ints: pads } };
}

/** Lowers `pool2d`. */
export function lowerPool2d(l: Lowering, node: GraphNode): Value {
  const attributes = node.attributes as unknown as Pool2dAttributes;
  const x = l.take(node.inputs[0]!).name(imageOrder);
  const window = poolingWindow(attributes);
  const name =
    attributes.op === 'max'
      ? l.g.op('MaxPool', [x], window)
      : l.g.op('AveragePool', [x], { ...window, count_include_pad: { int: 1 } });
  return l.result(node.outputs[0]!, name, { order: imageOrder });
}

/** Lowers `sumWindows`: averages times their number. */
export function lowerSumWindows(l: Lowering, node: GraphNode): Value {
  const { rows, columns } = node.attributes as unknown as SumWindowsAttributes;
  const window = { kernel_shape: { ints: [rows, columns] }, strides: { ints: [rows, columns] } };
  const means = l.g.op('AveragePool', [l.take(node.inputs[0]!).name(imageOrder)], window);
  const sums = l.g.op('Mul', [means, l.g.scalar(rows * columns, 'float')]);
  return l.result(node.outputs[0]!, sums, { order: imageOrder });
}
