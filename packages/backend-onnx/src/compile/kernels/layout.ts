/** `transpose`, `slice`, `concat` and `pad`: in whatever order of axes the values have; transposing moves nothing. */
import { type RequiredKernels, sameShape, sizeOf } from '@vqkit/core';
import { identityOrder, reshapeOrder, transposeOrder } from '../axes.ts';
import { baseType } from '../element-types.ts';
import { cheapestOrder, type Lower } from '../lowering.ts';
import { type Operand, Value } from '../value.ts';

/** Lowers `transpose`: the same memory, other names for the axes. */
export const lowerTranspose: Lower<RequiredKernels['transpose']> = (_, [x], { perm }, [view]) => {
  if (x.value.splat !== undefined) return x.value;
  if (x.orders().length === 0) x.name(cheapestOrder(x));
  const forms = x.value.forms.flatMap((form) => {
    const order = reshapeOrder(form.shape, form.order, x.shape);
    if (order === undefined) return [];
    const name = sameShape(order, form.order) && sameShape(form.shape, x.shape) ? form.name : x.name(order, form.type);
    return [{ name, shape: view.shape, order: transposeOrder(order, perm), type: form.type }];
  });
  return new Value(view.dtype, { forms });
};

// "To the very front, inclusive" for a negative step: ends are exclusive and clamped.
const beforeStart = -(2 ** 31);

/** Lowers `slice`. */
export const lowerSlice: Lower<RequiredKernels['slice']> = (l, [x], { begin, step }, [view]) => {
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
};

/** Lowers `concat`; empty parts are left out. */
export const lowerConcat: Lower<RequiredKernels['concat'], readonly Operand[]> = (l, inputs, { axis }, [view]) => {
  const parts = inputs.filter((x) => x.size > 0);
  if (parts.length === 1) return parts[0]!.value;
  const biggest = parts.reduce((a, b) => (b.size > a.size ? b : a));
  const order = cheapestOrder(biggest);
  const names = parts.map((x) => x.name(order));
  return l.result(view, l.g.op('Concat', names, { axis: { int: order.indexOf(axis) } }), { order });
};

/** Lowers `pad`. */
export const lowerPad: Lower<RequiredKernels['pad']> = (l, [x], { before, after, value }, [view]) => {
  if (x.size === 0) return l.splat(view, value);
  if (sizeOf(view.shape) === x.size) return x.value;
  const order = cheapestOrder(x);
  const pads = [...order.map((axis) => before[axis]!), ...order.map((axis) => after[axis]!)];
  // onnxruntime pads no halves: they go through float32, which holds every half exactly.
  const type = x.dtype === 'f16' ? 'float' : baseType[x.dtype];
  const name = l.g.op('Pad', [x.name(order, type), l.g.ints(pads), l.g.scalar(value, type)]);
  return l.result(view, name, { order, type });
};

/** Lowers `fill`. */
export const lowerFill: Lower<RequiredKernels['fill'], readonly []> = (l, _, { value }, [view]) => l.splat(view, value);

/** Lowers `range`: the numbers are known, so they become a constant. */
export const lowerRange: Lower<RequiredKernels['range'], readonly []> = (l, _, { start, step }, [view]) => {
  const type = baseType[view.dtype];
  const values = identityOrder(sizeOf(view.shape)).map((i) => start + i * step);
  const data =
    type === 'float' ? Float32Array.from(values) : type === 'uint8' ? Uint8Array.from(values) : Int32Array.from(values);
  return l.result(view, l.g.constant(data, view.shape, type));
};
