/** Elementwise arithmetic of two tensors (or a tensor and a number) with NumPy broadcasting. */
import type { BinaryOp, RequiredKernels } from '../backend/kernels.ts';
import type { DType } from '../dtype.ts';
import { tidy } from '../tensor/scope.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { broadcastShapes, checkDTypes } from './broadcast-shapes.ts';
import { cast, compareTensors } from './compare.ts';
import { fill } from './create.ts';
import { defineOp } from './define-op.ts';
import { sumTo } from './reduce.ts';
import { floor, log, neg } from './unary.ts';

/** An operand: a tensor, or a number that becomes a scalar like the other operand. */
export type Operand = Tensor | number;

const integers: readonly DType[] = ['i32', 'u32'];
const anyNumber: readonly DType[] = ['f32', 'i32', 'u32'];
const allowed: Record<BinaryOp, readonly DType[]> = {
  add: anyNumber,
  sub: anyNumber,
  mul: anyNumber,
  div: anyNumber,
  max: anyNumber,
  min: anyNumber,
  mod: anyNumber,
  pow: ['f32'],
  and: integers,
  or: integers,
  xor: integers,
  shl: integers,
  shr: integers,
};

type Derivative = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [() => Tensor, () => Tensor];

/** Gradients of both operands, before they are summed back to their shapes. Ties of max and min go to the first operand. */
const derivatives: Partial<Record<BinaryOp, Derivative>> = {
  add: (dy) => [() => dy, () => dy],
  sub: (dy) => [() => dy, () => neg(dy)],
  mul: (dy, a, b) => [() => mul(dy, b), () => mul(dy, a)],
  div: (dy, _, b, y) => [() => div(dy, b), () => neg(div(mul(dy, y), b))],
  pow: (dy, a, b, y) => [() => mul(dy, mul(b, pow(a, sub(b, 1)))), () => mul(dy, mul(y, log(a)))],
  max: (dy, a, b) => [
    () => mul(dy, cast(compareTensors('ge', a, b), 'f32')),
    () => mul(dy, cast(compareTensors('lt', a, b), 'f32')),
  ],
  min: (dy, a, b) => [
    () => mul(dy, cast(compareTensors('le', a, b), 'f32')),
    () => mul(dy, cast(compareTensors('gt', a, b), 'f32')),
  ],
  mod: (dy, a, b) => [() => dy, () => neg(mul(dy, floor(div(a, b))))],
};

const binaryOp = defineOp<RequiredKernels['binary']>({
  name: 'binary',
  infer: ([a, b], { op }) => {
    checkDTypes(op, [a!, b!], allowed[op]);
    return [{ shape: broadcastShapes(op, a!.shape, b!.shape), dtype: a!.dtype }];
  },
  gradient: ({ inputs: [a, b], outputs: [y], gradients: [dy], attributes: { op }, needed }) => {
    const rule = derivatives[op]?.(dy!, a!, b!, y!);
    if (rule === undefined) return [];
    return [needed[0] ? sumTo(rule[0](), a!.shape) : undefined, needed[1] ? sumTo(rule[1](), b!.shape) : undefined];
  },
});

/** @internal Calls `fn` with tensors: a number becomes a scalar like the other operand, freed afterwards. */
export function withOperands(a: Operand, b: Operand, fn: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (isTensor(a) && isTensor(b)) return fn(a, b);
  return tidy(() => {
    if (isTensor(a)) return fn(a, fill(a.backend, [], b as number, a.dtype));
    const tensor = b as Tensor;
    return fn(fill(tensor.backend, [], a, tensor.dtype), tensor);
  });
}

const binary =
  (op: BinaryOp) =>
  (a: Operand, b: Operand): Tensor =>
    withOperands(a, b, (x, y) => binaryOp([x, y], { op })[0]!);

/** a + b; f32, i32, u32 (wrapping). */
export const add = binary('add');
/** a − b. */
export const sub = binary('sub');
/** a · b. */
export const mul = binary('mul');
/** a / b; integers truncate towards zero. */
export const div = binary('div');
/** a to the power b; f32. */
export const pow = binary('pow');
/** The larger, NaN if either is NaN; on ties the gradient goes to a. */
export const maximum = binary('max');
/** The smaller, NaN if either is NaN; on ties the gradient goes to a. */
export const minimum = binary('min');
/** a − floor(a/b)·b: the remainder with the sign of b. */
export const mod = binary('mod');
/** Bitwise and; i32, u32. */
export const bitAnd = binary('and');
/** Bitwise or; i32, u32. */
export const bitOr = binary('or');
/** Bitwise exclusive or; i32, u32. */
export const bitXor = binary('xor');
/** a shifted left by b bits, 0 ≤ b < 32. */
export const shiftLeft = binary('shl');
/** a shifted right by b bits: arithmetic for i32, logical for u32. */
export const shiftRight = binary('shr');
