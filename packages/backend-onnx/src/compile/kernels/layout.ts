/** `transpose`, `slice`, `concat` and `pad`: in whatever order of axes the values have; transposing moves nothing. */
import type { GraphNode, RequiredKernels } from '@vqkit/core';
import { sizeOf } from '@vqkit/core';
import { identityOrder, reshapeOrder, transposeOrder } from '../axes.ts';
import { baseType } from '../element-types.ts';
import { cheapestOrder, type Lowering } from '../lowering.ts';
import { Value } from '../value.ts';

/** Lowers `transpose`: the same memory, other names for the axes. */
export function lowerTranspose(l: Lowering, node: GraphNode): Value {
  const { perm } = node.attributes as unknown as RequiredKernels['transpose'];
  const x = l.take(node.inputs[0]!);
  const view = node.outputs[0]!;
  if (x.value.splat !== undefined) return x.value;
  if (x.orders().length === 0) x.name(cheapestOrder(x));
  const forms = x.value.forms.flatMap((form) => {
    const order = reshapeOrder(form.shape, form.order, x.shape);
    if (order === undefined) return [];
    const same = order.length === form.order.length && order.every((axis, i) => axis === form.order[i]);
    const name = same && sameDims(form.shape, x.shape) ? form.name : x.name(order, form.type);
    return [{ name, shape: view.shape, order: transposeOrder(order, perm), type: form.type }];
  });
  return new Value(view.dtype, { forms });
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

// "To the very front, inclusive" for a negative step: ends are exclusive and clamped.
const beforeStart = -(2 ** 31);

/** Lowers `slice`. */
export function lowerSlice(l: Lowering, node: GraphNode): Value {
  const { begin, step } = node.attributes as unknown as RequiredKernels['slice'];
  const x = l.take(node.inputs[0]!);
  const view = node.outputs[0]!;
  if (x.value.splat !== undefined) return l.splat(view, x.value.splat);
  const order = cheapestOrder(x);
  const axes = order.filter((axis) => step[axis] !== 1 || view.shape[axis] !== x.shape[axis]);
  if (axes.length === 0) return x.value;
  const ends = axes.map((axis) => {
    const end = begin[axis]! + (view.shape[axis]! - 1) * step[axis]! + Math.sign(step[axis]!);
    return end < 0 ? beforeStart : end;
  });
  const { g } = l;
  const name = g.op('Slice', [
    x.name(order),
    g.ints(axes.map((axis) => begin[axis]!)),
    g.ints(ends),
    g.ints(axes.map((axis) => order.indexOf(axis))),
    g.ints(axes.map((axis) => step[axis]!)),
  ]);
  return l.result(view, name, { order });
}

/** Lowers `concat`; empty parts are left out. */
export function lowerConcat(l: Lowering, node: GraphNode): Value {
  const { axis } = node.attributes as unknown as RequiredKernels['concat'];
  const parts = l.takeAll(node).filter((x) => x.size > 0);
  const view = node.outputs[0]!;
  if (parts.length === 1) return parts[0]!.value;
  const biggest = parts.reduce((a, b) => (b.size > a.size ? b : a));
  const order = cheapestOrder(biggest);
  const names = parts.map((x) => x.name(order));
  return l.result(view, l.g.op('Concat', names, { axis: { int: order.indexOf(axis) } }), { order });
}

/** Lowers `pad`. */
export function lowerPad(l: Lowering, node: GraphNode): Value {
  const { before, after, value } = node.attributes as unknown as RequiredKernels['pad'];
  const x = l.take(node.inputs[0]!);
  const view = node.outputs[0]!;
  if (x.size === 0) return l.splat(view, value);
  if (sizeOf(view.shape) === x.size) return x.value;
  const order = cheapestOrder(x);
  const pads = [...order.map((axis) => before[axis]!), ...order.map((axis) => after[axis]!)];
  // onnxruntime pads no halves: they go through float32, which holds every half exactly.
  const type = x.dtype === 'f16' ? 'float' : baseType[x.dtype];
  const name = l.g.op('Pad', [x.name(order, type), l.g.ints(pads), l.g.scalar(value, type)]);
  return l.result(view, name, { order, type });
}

/** Lowers `fill`. */
export function lowerFill(l: Lowering, node: GraphNode): Value {
  return l.splat(node.outputs[0]!, (node.attributes as unknown as RequiredKernels['fill']).value);
}

/** Lowers `range`: the numbers are known, so they become a constant. */
export function lowerRange(l: Lowering, node: GraphNode): Value {
  const { start, step } = node.attributes as unknown as RequiredKernels['range'];
  const view = node.outputs[0]!;
  const type = baseType[view.dtype];
  const values = identityOrder(sizeOf(view.shape)).map((i) => start + i * step);
  const data =
    type === 'float' ? Float32Array.from(values) : type === 'uint8' ? Uint8Array.from(values) : Int32Array.from(values);
  return l.result(view, l.g.constant(data, view.shape, type));
}
