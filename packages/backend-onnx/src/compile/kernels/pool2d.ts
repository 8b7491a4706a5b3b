/** `pool2d` and its gradient, channels-first. */
import type { GraphNode, Pool2dAttributes } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import type { Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { imageOrder } from './convolve.ts';

function windowOf({ size, strides, pads }: Pool2dAttributes): NodeAttributes {
  return { kernel_shape: { ints: size }, strides: { ints: strides }, pads: { ints: pads } };
}

/** Lowers `pool2d`. */
export function lowerPool2d(l: Lowering, node: GraphNode): Value {
  const attributes = node.attributes as unknown as Pool2dAttributes;
  const x = l.take(node.inputs[0]!).name(imageOrder);
  const window = windowOf(attributes);
  const name =
    attributes.op === 'max'
      ? l.g.op('MaxPool', [x], window)
      : l.g.op('AveragePool', [x], { ...window, count_include_pad: { int: 1 } });
  return l.result(node.outputs[0]!, name, { order: imageOrder });
}

/** Lowers `pool2dGrad`. */
export function lowerPool2dGrad(l: Lowering, node: GraphNode): Value {
  const attributes = node.attributes as unknown as Pool2dAttributes;
  const [x, dy] = l.takeAll(node);
  const view = node.outputs[0]!;
  if (x!.size === 0 || dy!.size === 0) return l.splat(view, 0);
  const name = attributes.op === 'max' ? maxGrad(l, x!, dy!, attributes) : averageGrad(l, x!, dy!, attributes);
  return l.result(view, name, { order: imageOrder });
}

/** Each gradient goes to the place that the pooling names as its maximum (the first one of a window). */
function maxGrad(l: Lowering, x: Operand, dy: Operand, attributes: Pool2dAttributes): string {
  const { g } = l;
  const [, places] = g.opMany('MaxPool', [x.name(imageOrder)], 2, windowOf(attributes)) as [string, string];
  const zeros = g.op('Expand', [g.scalar(0, 'float'), g.ints([x.size])]);
  const flatPlaces = g.op('Reshape', [places, g.ints([dy.size])]);
  const updates = g.op('Reshape', [dy.name(imageOrder), g.ints([dy.size])]);
  const isOverlapping = attributes.size.some((n, i) => n > attributes.strides[i]!);
  const how: NodeAttributes = isOverlapping ? { reduction: { string: 'add' } } : {};
  const flat = g.op('ScatterElements', [zeros, flatPlaces, updates], { axis: { int: 0 }, ...how });
  return g.op('Reshape', [flat, g.ints(imageOrder.map((axis) => x.shape[axis]!))]);
}

/** A transposed convolution with a constant window, every channel an image of its own. */
function averageGrad(l: Lowering, x: Operand, dy: Operand, { size, strides, pads }: Pool2dAttributes): string {
  const { g } = l;
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [, ho, wo] = dy.shape as [number, number, number, number];
  const images = g.op('Reshape', [dy.name(imageOrder), g.ints([n * c, 1, ho, wo])]);
  const weight = new Float32Array(size[0] * size[1]).fill(1 / (size[0] * size[1]));
  const rest = [h, w].map(
    (extent, i) => extent - (([ho, wo][i]! - 1) * strides[i]! + size[i]! - pads[i]! - pads[i + 2]!),
  );
  const name = g.op('ConvTranspose', [images, g.constant(weight, [1, 1, ...size], 'float')], {
    kernel_shape: { ints: size },
    strides: { ints: strides },
    pads: { ints: pads },
    output_padding: { ints: rest },
  });
  return g.op('Reshape', [name, g.ints([n, c, h, w])]);
}
