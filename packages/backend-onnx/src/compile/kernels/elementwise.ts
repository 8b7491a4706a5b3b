/**
 * Elementwise kernels with broadcasting: they run in whatever order of axes their inputs already have, and results
 * that are only broadcast copies of something smaller stay small until somebody needs them whole.
 */
import { broadcastShapes, type GraphView, sizeOf } from '@vqkit/core';
import type { ElementType } from '../../model/types.ts';
import { cheapestLayout, type Layout, type Lower, type Lowering } from '../lowering.ts';
import { broadcastName, type Operand, type Value } from '../value.ts';

/** Element types of the inputs (in their sequence; the base type where none is given) and of the output. */
export interface ElementwiseTypes {
  readonly inputs?: readonly (ElementType | undefined)[];
  readonly output?: ElementType;
}

/**
 * Lowers one elementwise call with one output.
 *
 * @param build  Adds the nodes; gets names that ONNX can broadcast against each other and the layout that whole ones
 *   have, returns the result's name.
 */
export function elementwise(
  l: Lowering,
  inputs: readonly Operand[],
  output: GraphView,
  build: (names: string[], layout: Layout) => string,
  types: ElementwiseTypes = {},
): Value {
  return elementwiseMany(l, inputs, [output], (names, layout) => [build(names, layout)], types)[0]!;
}

/** The same for calls with several outputs, all of the shape that the inputs broadcast to. */
export function elementwiseMany(
  l: Lowering,
  inputs: readonly Operand[],
  outputs: readonly GraphView[],
  build: (names: string[], layout: Layout) => readonly string[],
  types: ElementwiseTypes = {},
): Value[] {
  const operands = inputs.map((x) => x.compact());
  const whole = broadcastShapes('onnx', ...operands.map((x) => x.shape));
  const layout = cheapestLayout(operands, whole);
  const { shape, order } = layout;
  const names = operands.map((x, i) => {
    const seen = x.size === sizeOf(shape) && shape.length !== whole.length ? x.view(shape) : x;
    return broadcastName(seen, order, types.inputs?.[i]);
  });
  const results = build(names, layout);
  return outputs.map((view, i) => {
    const value = l.result(view, results[i]!, { shape, order, ...(types.output ? { type: types.output } : {}) });
    return sizeOf(shape) === sizeOf(view.shape) ? value : l.broadcast(value, whole, view);
  });
}

/** Lowers `broadcast`: nothing happens until somebody needs the values whole. */
export const lowerBroadcast: Lower = (l, [x], _, [view]) => {
  const source = x.compact();
  return source.size === sizeOf(view.shape) ? source.value : l.broadcast(source.value, source.shape, view);
};
