/**
 * Integer arithmetic that tfjs lacks or rounds, on runtimes that store int32: products and quotients of 32 bits, bitwise
 * functions, and unsigned order. `u32` values are stored as the int32 of the same bits, so u32 and i32 share sums and
 * products. (Runtimes without 32-bit integers: `wide/`.)
 */
import { type CompareOp, sameShape, sizeOf } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { broadcastable } from './broadcast-runs.ts';

const lowest = -(2 ** 31);

/** Shorthand for a binary tfjs kernel with an operand that may be a number. */
export function call2(frame: Frame, kernel: string, a: TensorInfo, b: TensorInfo | number): TensorInfo {
  if (typeof b === 'number') return frame.call(kernel, { a, b: frame.scalar(b, a.dtype) });
  return frame.call(kernel, broadcastable(frame, a, b));
}

/** The tfjs kernel of each comparison. */
export const compareNames: Readonly<Record<CompareOp, string>> = {
  eq: 'Equal',
  ne: 'NotEqual',
  lt: 'Less',
  le: 'LessEqual',
  gt: 'Greater',
  ge: 'GreaterEqual',
};

/** u32 values moved so that their signed order is their unsigned order; the same call moves them back. */
export function flipSign(frame: Frame, x: TensorInfo): TensorInfo {
  return call2(frame, 'Add', x, lowest);
}

/** The low 32 bits of a·b. */
export function multiply(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  if (frame.runtime.traits.wrapsProducts) return call2(frame, 'Multiply', a, b);
  // a = high·2¹⁶ + low; every product below stays under 2⁴⁸, which float64 holds exactly, and is then stored wrapped.
  const high = call2(frame, 'Multiply', call2(frame, 'FloorDiv', a, 65536), b);
  const low = call2(frame, 'Multiply', call2(frame, 'Mod', a, 65536), b);
  return call2(frame, 'Add', call2(frame, 'Multiply', high, 65536), low);
}

/** a & b. Bytes are looked up in a table where tfjs has no such kernel. */
export function bitAnd(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  if (frame.runtime.has('BitwiseAnd')) return call2(frame, 'BitwiseAnd', ...sameShapes(frame, a, b));
  const bits = Int32Array.from({ length: 65536 }, (_, i) => (i >> 8) & i & 255);
  const table = frame.values(bits, [65536], 'i32');
  let restA = a;
  let restB = b;
  let sum: TensorInfo | undefined;
  for (let byte = 0; byte < 4; byte++) {
    const pair = call2(
      frame,
      'Add',
      call2(frame, 'Multiply', call2(frame, 'Mod', restA, 256), 256),
      call2(frame, 'Mod', restB, 256),
    );
    const found = lookUp(frame, table, pair);
    const place = byte === 0 ? found : call2(frame, 'Multiply', found, 256 ** byte);
    sum = sum ? call2(frame, 'Add', sum, place) : place;
    if (byte === 3) break;
    restA = call2(frame, 'FloorDiv', restA, 256);
    restB = call2(frame, 'FloorDiv', restB, 256);
  }
  return sum!;
}

/** a | b = a + b − (a & b). */
export function bitOr(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  return call2(frame, 'Sub', call2(frame, 'Add', a, b), bitAnd(frame, a, b));
}

/** a ^ b = a + b − 2·(a & b). */
export function bitXor(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  const both = bitAnd(frame, a, b);
  return call2(frame, 'Sub', call2(frame, 'Add', a, b), call2(frame, 'Add', both, both));
}

/** a << b, 0 ≤ b < 32. */
export function shiftLeft(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  return multiply(frame, a, lookUp(frame, powersOfTwo(frame), b));
}

/** a >> b, 0 ≤ b < 32: with the sign bit, or with zeros when `isUnsigned`. */
export function shiftRight(frame: Frame, a: TensorInfo, b: TensorInfo, isUnsigned: boolean): TensorInfo {
  // Two steps, because 2³¹ is no int32.
  const powers = powersOfTwo(frame);
  const half = call2(frame, 'FloorDiv', b, 2);
  const once = floorDivide(frame, a, lookUp(frame, powers, half));
  const shifted = floorDivide(frame, once, lookUp(frame, powers, call2(frame, 'Sub', b, half)));
  if (!isUnsigned) return shifted;
  const masks = frame.values(
    Uint32Array.from({ length: 32 }, (_, i) => 0xffffffff >>> i),
    [32],
    'u32',
  );
  return bitAnd(frame, shifted, lookUp(frame, masks, b));
}

/** a / b towards zero; 0 where b is 0. */
export function divide(frame: Frame, a: TensorInfo, b: TensorInfo, isUnsigned: boolean): TensorInfo {
  return isUnsigned ? divideUnsigned(frame, a, b) : divideSigned(frame, a, b);
}

/** The remainder with the sign of the divisor. */
export function modulo(frame: Frame, a: TensorInfo, b: TensorInfo, isUnsigned: boolean): TensorInfo {
  if (!isUnsigned) return call2(frame, 'Mod', a, b);
  return call2(frame, 'Sub', a, multiply(frame, divideUnsigned(frame, a, b), b));
}

function divideSigned(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  const isZero = call2(frame, 'Equal', b, 0);
  const isMinusOne = call2(frame, 'Equal', b, -1);
  const one = frame.full(b.shape, 'i32', 1);
  // wasm traps on division by zero and on −2³¹ / −1.
  const divisor = select(frame, isZero, one, select(frame, isMinusOne, one, b));
  const quotient = frame.runtime.traits.dividesIntegers
    ? call2(frame, 'RealDiv', a, divisor)
    : truncatedQuotient(frame, a, divisor);
  const sign = call2(frame, 'Sub', one, call2(frame, 'Multiply', frame.toInteger(isMinusOne), 2));
  const isDefined = frame.toInteger(frame.call('LogicalNot', { x: isZero }));
  return multiply(frame, quotient, call2(frame, 'Multiply', sign, isDefined));
}

/** From the floored quotient: one more where it was rounded down past zero. */
function truncatedQuotient(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  const floored = call2(frame, 'FloorDiv', a, b);
  const hasRest = call2(frame, 'NotEqual', call2(frame, 'Mod', a, b), 0);
  const isNegative = call2(frame, 'Less', floored, 0);
  const step = call2(frame, 'Multiply', frame.toInteger(hasRest), frame.toInteger(isNegative));
  return call2(frame, 'Add', floored, step);
}

/** ⌊a/b⌋ for b > 0, exact also where `FloorDiv` computes in float32. */
function floorDivide(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  if (!frame.runtime.traits.dividesIntegers) return call2(frame, 'FloorDiv', a, b);
  // a − (a mod b) is a multiple of b, whose quotient needs no rounding. b = 1 keeps it from overflowing.
  return call2(frame, 'RealDiv', call2(frame, 'Sub', a, call2(frame, 'Mod', a, b)), b);
}

/** With half the dividend, which has no sign bit; the rest decides the last bit of the quotient. */
function divideUnsigned(frame: Frame, a: TensorInfo, b: TensorInfo): TensorInfo {
  const [x, y] = sameShapes(frame, a, b);
  const one = frame.full(x.shape, 'i32', 1);
  const isHuge = call2(frame, 'Less', y, 0);
  const isAtLeast = (p: TensorInfo, q: TensorInfo): TensorInfo =>
    frame.toInteger(call2(frame, 'GreaterEqual', flipSign(frame, p), flipSign(frame, q)));
  const half = shiftRight(frame, x, one, true);
  const divisor = select(frame, isHuge, one, y);
  const doubled = multiply(frame, divideSigned(frame, half, divisor), frame.scalar(2, x.dtype));
  const rest = call2(frame, 'Sub', x, multiply(frame, doubled, divisor));
  const isDefined = frame.toInteger(call2(frame, 'NotEqual', y, 0));
  const quotient = call2(frame, 'Multiply', call2(frame, 'Add', doubled, isAtLeast(rest, divisor)), isDefined);
  return select(frame, isHuge, isAtLeast(x, y), quotient);
}

function powersOfTwo(frame: Frame): TensorInfo {
  return frame.values(
    Uint32Array.from({ length: 32 }, (_, i) => 2 ** i),
    [32],
    'u32',
  );
}

/** table[indices], of the shape of the indices. */
export function lookUp(frame: Frame, table: TensorInfo, indices: TensorInfo): TensorInfo {
  const flat = frame.reshape(frame.cast(indices, 'int32'), [sizeOf(indices.shape)]);
  return frame.reshape(frame.call('GatherV2', { x: table, indices: flat }, { axis: 0, batchDims: 0 }), indices.shape);
}

/** Elementwise choice between tensors of one shape. */
export function select(frame: Frame, condition: TensorInfo, t: TensorInfo, e: TensorInfo): TensorInfo {
  const { shape } = condition;
  if (shape.length <= 4) return frame.call('Select', { condition, t, e });
  // webgl chooses along four axes at most.
  const flat = (x: TensorInfo): TensorInfo => frame.reshape(x, [sizeOf(shape)]);
  return frame.reshape(frame.call('Select', { condition: flat(condition), t: flat(t), e: flat(e) }), shape);
}

/** Both operands broadcast to their common shape, by adding zeros. */
function sameShapes(frame: Frame, a: TensorInfo, b: TensorInfo): [TensorInfo, TensorInfo] {
  if (sameShape(a.shape, b.shape)) return [a, b];
  const zero = (x: TensorInfo): TensorInfo => frame.full(x.shape, 'i32', 0);
  return [call2(frame, 'Add', a, zero(b)), call2(frame, 'Add', b, zero(a))];
}
