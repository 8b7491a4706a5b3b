/** Elementwise functions of one tensor, with their derivatives. */
import type { UnaryOp } from '../backend/kernels.ts';
import type { DType } from '../dtype.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, div, mul, sub } from './binary.ts';
import { checkDTypes } from './broadcast-shapes.ts';
import { cast, greater } from './compare.ts';
import { defineOp } from './define-op.ts';

interface UnaryAttributes {
  readonly op: UnaryOp;
  /** Keeps equal calls apart in graphs; see `barrier`. */
  readonly isBarrier?: true;
}

const withIntegers: readonly DType[] = ['f32', 'i32'];
const allowed: Partial<Record<UnaryOp, readonly DType[]>> = {
  identity: ['f32', 'i32', 'u32', 'u8', 'f16'],
  neg: withIntegers,
  abs: withIntegers,
  sign: withIntegers,
  square: withIntegers,
  not: ['u8'],
};

/** d op(x)/dx · dy, given x and y = op(x); absent where the derivative is zero almost everywhere. */
const derivatives: Partial<Record<UnaryOp, (dy: Tensor, x: Tensor, y: Tensor) => Tensor>> = {
  identity: (dy) => dy,
  neg: (dy) => neg(dy),
  abs: (dy, x) => mul(dy, sign(x)),
  square: (dy, x) => mul(dy, mul(x, 2)),
  exp: (dy, _, y) => mul(dy, y),
  log: (dy, x) => div(dy, x),
  sqrt: (dy, _, y) => div(dy, mul(y, 2)),
  rsqrt: (dy, _, y) => mul(dy, mul(mul(y, square(y)), -0.5)),
  reciprocal: (dy, _, y) => mul(dy, neg(square(y))),
  sin: (dy, x) => mul(dy, cos(x)),
  cos: (dy, x) => neg(mul(dy, sin(x))),
  tanh: (dy, _, y) => mul(dy, sub(1, square(y))),
  sigmoid: (dy, _, y) => mul(dy, mul(y, sub(1, y))),
  relu: (dy, x) => mul(dy, cast(greater(x, 0), 'f32')),
  erf: (dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
};

const unaryOp = defineOp<UnaryAttributes>({
  name: 'unary',
  infer: ([x], { op }) => {
    checkDTypes(op, [x!], allowed[op] ?? ['f32']);
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], outputs: [y], gradients: [dy], attributes: { op } }) => [derivatives[op]?.(dy!, x!, y!)],
});

const unary =
  (op: UnaryOp) =>
  (x: Tensor): Tensor =>
    unaryOp([x], { op })[0]!;

/** A copy of the values, as a call of its own. */
export const identity = unary('identity');
/** −x; f32 or i32. */
export const neg = unary('neg');
/** |x|; f32 or i32. */
export const abs = unary('abs');
/** −1, 0 or 1; f32 or i32. */
export const sign = unary('sign');
/** x²; f32 or i32. */
export const square = unary('square');
/** eˣ. */
export const exp = unary('exp');
/** Natural logarithm. */
export const log = unary('log');
/** √x. */
export const sqrt = unary('sqrt');
/** 1/√x. */
export const rsqrt = unary('rsqrt');
/** 1/x. */
export const reciprocal = unary('reciprocal');
/** Sine, x in radians. */
export const sin = unary('sin');
/** Cosine, x in radians. */
export const cos = unary('cos');
/** Hyperbolic tangent. */
export const tanh = unary('tanh');
/** 1/(1 + e⁻ˣ). */
export const sigmoid = unary('sigmoid');
/** max(x, 0). */
export const relu = unary('relu');
/** Error function. */
export const erf = unary('erf');
/** Largest integer ≤ x. */
export const floor = unary('floor');
/** Smallest integer ≥ x. */
export const ceil = unary('ceil');
/** Nearest integer, halves to even. */
export const round = unary('round');
/** 1 where a u8 truth value is 0, else 0. */
export const logicalNot = unary('not');

/** @internal A copy that a trace never merges with another. */
export function barrier(x: Tensor): Tensor {
  return unaryOp([x], { op: 'identity', isBarrier: true })[0]!;
}

/** x limited to [low, high]; the gradient is 1 inside and 0 outside. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return tidy(() => add(sub(relu(sub(x, low)), relu(sub(x, high))), low));
}
