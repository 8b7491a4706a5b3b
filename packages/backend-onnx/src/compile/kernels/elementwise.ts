/**
 * Elementwise kernels with broadcasting: they run in whatever order of axes their inputs already have, and results
 * that are only broadcast copies of something smaller stay small until somebody needs them whole.
 */
import { type GraphNode, type Shape, sizeOf } from '@vqkit/core';
import type { ElementType } from '../../model/types.ts';
import { broadcastShape } from '../axes.ts';
import { cheapestLayout, type Layout, type Lowering } from '../lowering.ts';
import { broadcastName, type Value } from '../value.ts';

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
  node: GraphNode,
  build: (names: string[], layout: Layout) => string,
  types: ElementwiseTypes = {},
): Value {
  return elementwiseMany(l, node, (names, layout) => [build(names, layout)], types)[0]!;
}

/** The same for calls with several outputs, all of the shape that the inputs broadcast to. */
export function elementwiseMany(
  l: Lowering,
  node: GraphNode,
  build: (names: string[], layout: Layout) => readonly string[],
  types: ElementwiseTypes = {},
): Value[] {
  const operands = l.takeAll(node).map((x) => x.compact());
  const whole = operands.reduce<Shape>((all, x) => broadcastShape(all, x.shape), []);
  const layout = cheapestLayout(operands, whole);
  const { shape, order } = layout;
  const names = operands.map((x, i) => {
    const seen = x.size === sizeOf(shape) && shape.length !== whole.length ? x.view(shape) : x;
    return broadcastName(seen, order, types.inputs?.[i]);
  });
  const results = build(names, layout);
  return node.outputs.map((view, i) => {
    const value = l.result(view, results[i]!, { shape, order, ...(types.output ? { type: types.output } : {}) });
    return sizeOf(shape) === sizeOf(view.shape) ? value : l.broadcast(value, whole, view);
  });
}

/** Lowers `broadcast`: nothing happens until somebody needs the values whole. */
export function lowerBroadcast(l: Lowering, node: GraphNode): Value {
  const source = l.take(node.inputs[0]!).compact();
  const view = node.outputs[0]!;
  return source.size === sizeOf(view.shape) ? source.value : l.broadcast(source.value, source.shape, view);
}
