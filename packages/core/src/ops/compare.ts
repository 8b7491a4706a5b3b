/** Comparisons (u8 results, 0 or 1), selection and dtype conversion. */
import type { CompareOp } from '../backend/kernels.ts';
import { type DType, isFloat } from '../dtype.ts';
import { tidy } from '../tensor/scope.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { type Operand, withOperands } from './binary.ts';
import { broadcastShapes, checkDTypes } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { sumTo } from './reduce.ts';
import { abs } from './unary.ts';

const compareOp = defineOp<{ readonly op: CompareOp }>({
  name: 'compare',
  infer: ([a, b], { op }) => {
    checkDTypes(op, [a!, b!], ['f32', 'i32', 'u32', 'u8']);
    return [{ shape: broadcastShapes(op, a!.shape, b!.shape), dtype: 'u8' }];
  },
});

/** @internal Compares two tensors. */
export function compareTensors(op: CompareOp, a: Tensor, b: Tensor): Tensor {
  return compareOp([a, b], { op })[0]!;
}

const compare =
  (op: CompareOp) =>
  (a: Operand, b: Operand): Tensor =>
    withOperands(a, b, (x, y) => compareTensors(op, x, y));

/** a = b, as u8. */
export const equal = compare('eq');
/** a ≠ b, as u8. */
export const notEqual = compare('ne');
/** a < b, as u8. */
export const less = compare('lt');
/** a ≤ b, as u8. */
export const lessEqual = compare('le');
/** a > b, as u8. */
export const greater = compare('gt');
/** a ≥ b, as u8. */
export const greaterEqual = compare('ge');

const whereOp = defineOp<object>({
  name: 'where',
  infer: ([condition, a, b]) => {
    checkDTypes('where condition', [condition!], ['u8']);
    checkDTypes('where', [a!, b!], ['f32', 'i32', 'u32', 'u8']);
    return [{ shape: broadcastShapes('where', condition!.shape, a!.shape, b!.shape), dtype: a!.dtype }];
  },
  gradient: ({ inputs: [condition, a, b], gradients: [dy], needed }) => [
    undefined,
    needed[1] ? sumTo(where(condition!, dy!, 0), a!.shape) : undefined,
    needed[2] ? sumTo(where(condition!, 0, dy!), b!.shape) : undefined,
  ],
});

/**
 * a where `condition` is not 0, else b; all three broadcast.
 *
 * @param condition  u8.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return withOperands(a, b, (x, y) => whereOp([condition, x, y], {})[0]!);
}

const castOp = defineOp<{ readonly to: DType }>({
  name: 'cast',
  infer: ([x], { to }) => [{ shape: x!.shape, dtype: to }],
  gradient: ({ inputs: [x], gradients: [dy] }) => [isFloat(x!.dtype) ? cast(dy!, x!.dtype) : undefined],
});

/**
 * Converts to another dtype. Floats to integers truncate towards zero and saturate, NaN becomes 0; integers among
 * themselves wrap; f32 to f16 rounds to nearest even.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? share(x) : castOp([x], { to: dtype })[0]!;
}

/** 1 where x is NaN, else 0; u8. */
export function isNaN(x: Tensor): Tensor {
  return compareTensors('ne', x, x);
}

/** 1 where x is neither NaN nor infinite, else 0; u8, from f32. */
export function isFinite(x: Tensor): Tensor {
  return tidy(() => lessEqual(abs(x), largestFloat));
}

/** The largest finite float32, (2 − 2⁻²³)·2¹²⁷. */
const largestFloat = (2 - 2 ** -23) * 2 ** 127;
