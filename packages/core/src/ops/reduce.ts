/** Reductions over axes, repetition along axes (their adjoint), and the index of the largest or smallest value. */
import type { ReduceOp, RequiredKernels } from '../backend/kernels.ts';
import { type DType, type Shape, sameShape, sizeOf, type TensorSpec } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { add, div, mul } from './binary.ts';
import { broadcastShapes, checkDTypes, normalizeAxis } from './broadcast-shapes.ts';
import { cast, equal } from './compare.ts';
import { defineOp, type Op } from './define-op.ts';
import { reshape } from './reshape.ts';
import { sqrt, square } from './unary.ts';

const numbers: readonly DType[] = ['f32', 'i32', 'u32'];

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

const reduceOp: Op<RequiredKernels['reduce']> = defineOp<RequiredKernels['reduce']>({
  name: 'reduce',
  infer: ([x], { op, axes, keepDims }) => {
    checkDTypes(op, [x!], op === 'mean' ? ['f32'] : numbers);
    if (op === 'max' || op === 'min') refuseEmptyIntegers(op, x!, axes);
    return [{ shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], outputs: [y], gradients: [dy], attributes: { op, axes } }) => {
    const kept = reducedShape(x!.shape, axes, true);
    const spread = (t: Tensor): Tensor => broadcastTo(reshape(t, kept), x!.shape);
    if (op === 'sum') return [spread(dy!)];
    if (op === 'mean') return [spread(div(dy!, sizeOf(axes.map((axis) => x!.shape[axis]!))))];
    if (op === 'prod') return [mul(spread(dy!), div(spread(y!), x!))];
    // Equal extremes share the gradient evenly.
    const isExtreme = cast(equal(x!, spread(y!)), 'f32');
    return [
      mul(
        spread(div(dy!, reduceOp([isExtreme], { op: 'sum', axes, keepDims: kept.length === y!.rank })[0]!)),
        isExtreme,
      ),
    ];
  },
});

function refuseEmptyIntegers(op: string, x: TensorSpec, axes: readonly number[]): void {
  if (x.dtype === 'f32' || sizeOf(axes.map((axis) => x.shape[axis]!)) > 0) return;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `${op}: expected at least one integer to reduce, got shape [${x.shape}] over axes [${axes}]`,
    fix: 'Integers have no infinity to stand for the extreme of nothing; handle the empty case first',
  });
}

/** Which axes to reduce. */
export interface ReduceOptions {
  /** Axes, negative ones from the end; all axes unless given. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

const reduce =
  (op: ReduceOp) =>
  (x: Tensor, options: ReduceOptions = {}): Tensor => {
    const { axes = x.shape.map((_, i) => i), keepDims = false } = options;
    const list = [...new Set([axes].flat().map((axis) => normalizeAxis(op, axis as number, x.rank)))].sort(
      (a, b) => a - b,
    );
    return reduceOp([x], { op, axes: list, keepDims })[0]!;
  };

/** Sum; f32, i32, u32. */
export const sum = reduce('sum');
/** Arithmetic mean; f32. */
export const mean = reduce('mean');
/** Largest value; equal ones share the gradient. */
export const max = reduce('max');
/** Smallest value; equal ones share the gradient. */
export const min = reduce('min');
/** Product; the gradient needs values other than 0. */
export const prod = reduce('prod');

const argReduceOp = defineOp<RequiredKernels['argReduce']>({
  name: 'argReduce',
  infer: ([x], { op, axis }) => {
    checkDTypes(op, [x!], numbers);
    if (x!.shape[axis] === 0) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `${op}: expected at least one value along axis ${axis}, got shape [${x!.shape}]`,
        fix: 'Handle the empty case first',
      });
    }
    return [{ shape: reducedShape(x!.shape, [axis], false), dtype: 'u32' }];
  },
});

/** Index of the largest value along `axis` (dropped), the lowest on ties; u32. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return argReduceOp([x], { op: 'argmax', axis: normalizeAxis('argmax', axis, x.rank) })[0]!;
}

/** Index of the smallest value along `axis` (dropped), the lowest on ties; u32. */
export function argmin(x: Tensor, axis = -1): Tensor {
  return argReduceOp([x], { op: 'argmin', axis: normalizeAxis('argmin', axis, x.rank) })[0]!;
}

/** Euclidean length over axes, √(Σx² + ε); ε keeps the gradient finite at 0. */
export function norm(x: Tensor, options: ReduceOptions & { readonly epsilon?: number } = {}): Tensor {
  return tidy(() => {
    const squares = sum(square(x), options);
    return sqrt(options.epsilon ? add(squares, options.epsilon) : squares);
  });
}

/** Sums over the axes that broadcasting added, so that the result has `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return share(x);
  const added = x.rank - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < added || (shape[i - added] === 1 && n !== 1) ? [i] : []));
  return tidy(() => reshape(axes.length === 0 ? x : sum(x, { axes }), shape));
}

const broadcastOp = defineOp<{ readonly shape: Shape }>({
  name: 'broadcast',
  infer: ([x], { shape }) => {
    const joint = broadcastShapes('broadcastTo', x!.shape, shape);
    if (!sameShape(joint, shape)) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `broadcastTo: expected a shape that [${x!.shape}] broadcasts to, got [${shape}]`,
        fix: 'Only axes of size 1 can grow',
      });
    }
    return [{ shape: [...shape], dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], gradients: [dy] }) => [sumTo(dy!, x!.shape)],
});

/** Repeats axes of size 1 (and missing leading axes) to reach `shape`. @throws ShapeError `SHAPE_MISMATCH` */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? share(x) : broadcastOp([x], { shape })[0]!;
}
