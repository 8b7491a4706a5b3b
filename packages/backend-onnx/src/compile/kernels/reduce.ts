/** `reduce` and `argReduce`. */
import { emptyReductions, type GraphView, type ReduceOp, type RequiredKernels, sizeOf } from '@vqkit/core';
import { dropAxes } from '../axes.ts';
import { castTo, flipTopBit, operatorOf } from '../element-types.ts';
import { cheapestOrder, type Lower, type Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { planeSums } from './blocked-images.ts';

/** Lowers `reduce`, over the axes wherever they lie. */
export const lowerReduce: Lower<RequiredKernels['reduce']> = (l, [x], { op, axes, keepDims }, [view]) => {
  if (x.size === 0) return l.splat(view, emptyReductions[op]);
  if (axes.length === 0 || sizeOf(view.shape) === x.size) return x.value;
  if (isOverPixels(x, op, axes)) return overPixels(l, x, op, axes, view);
  const order = cheapestOrder(x);
  const places = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  const attributes = { keepdims: { int: keepDims ? 1 : 0 } };
  const reduced = (name: string): string => l.g.op(`Reduce${operatorOf(op)}`, [name, l.g.ints(places)], attributes);
  return l.result(view, reduceAs(l, x, op, order, reduced), { order: keepDims ? order : dropAxes(order, axes) });
};

/** Sums of blocked images over their pixels, perhaps over the batch as well: where they lie. */
function isOverPixels(x: Operand, op: ReduceOp, axes: readonly number[]): boolean {
  return x.isBlocked && (op === 'sum' || op === 'mean') && ['1,2', '0,1,2'].includes(axes.join());
}

function overPixels(l: Lowering, x: Operand, op: ReduceOp, axes: readonly number[], view: GraphView): Value {
  const sums = planeSums(l, x);
  const all = axes.length === 3 ? l.g.op('ReduceSum', [sums, l.g.ints([0])]) : sums;
  const count = x.size / sizeOf(view.shape);
  const name = op === 'mean' ? l.g.op('Mul', [all, l.g.scalar(1 / count, 'float')]) : all;
  return l.result(view, l.g.op('Reshape', [name, l.g.ints([...view.shape])]));
}

/** Integer sums and products run in int64, since onnxruntime's int32 ones saturate instead of wrapping. */
function reduceAs(
  l: Lowering,
  x: Operand,
  op: ReduceOp,
  order: readonly number[],
  reduced: (name: string) => string,
): string {
  if (x.dtype === 'f32') return reduced(x.name(order));
  if (op === 'sum' || op === 'prod') return castTo(l.g, reduced(x.name(order, 'int64')), 'int32');
  if (x.dtype === 'u32') return flipTopBit(l.g, reduced(flipTopBit(l.g, x.name(order))));
  return reduced(x.name(order));
}

/** Lowers `argReduce`. The first NaN wins: ties between infinities and NaN go to the first of either. */
export const lowerArgReduce: Lower<RequiredKernels['argReduce']> = (l, [x], { op, axis }, [view]) => {
  const { g } = l;
  const order = cheapestOrder(x);
  const name = x.name(order, x.dtype === 'f32' ? undefined : 'int32');
  const isMax = op === 'argmax';
  const attributes = { axis: { int: order.indexOf(axis) }, keepdims: { int: 0 }, select_last_index: { int: 0 } };
  const pick = (values: string, how: string): string => castTo(g, g.op(how, [values], attributes), 'int32');
  const result = { order: dropAxes(order, [axis]) };
  if (x.dtype !== 'f32') {
    // Unsigned values compare as signed ones after the top bit is flipped.
    const signed = x.dtype === 'u32' ? flipTopBit(g, name) : name;
    return l.result(view, pick(signed, isMax ? 'ArgMax' : 'ArgMin'), result);
  }
  const isNaN = g.op('IsNaN', [name]);
  const limit = g.scalar(isMax ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, 'float');
  const values = pick(g.op('Where', [isNaN, limit, name]), isMax ? 'ArgMax' : 'ArgMin');
  return l.result(view, values, result);
};
