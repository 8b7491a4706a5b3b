/** Bitwise functions of wide integers: bytes are looked up in a table, shifts are products and quotients by powers. */
import { call2, lookUp } from '../kernels/integers.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { multiply } from './arithmetic.ts';
import { half, signBit, splitAt, toFloat32, type Wide } from './wide.ts';

const byteFunctions = {
  and: (a: number, b: number): number => a & b,
  or: (a: number, b: number): number => a | b,
  xor: (a: number, b: number): number => a ^ b,
} as const;

/** What a function makes of all pairs of bytes, the first one counting 256 times. */
function byteTable(combine: (a: number, b: number) => number): Float32Array {
  const table = new Float32Array(half);
  for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) table[a * 256 + b] = combine(a, b);
  return table;
}

/** a and b combined bit by bit. */
export function combineBits(frame: Frame, op: keyof typeof byteFunctions, a: Wide, b: Wide): Wide {
  const table = frame.constant(byteTable(byteFunctions[op]), [half], 'float32');
  const combineHalf = (x: TensorInfo, y: TensorInfo): TensorInfo => {
    const [p, q] = [splitAt(frame, x, 8), splitAt(frame, y, 8)];
    const find = (m: TensorInfo, n: TensorInfo): TensorInfo =>
      lookUp(frame, table, call2(frame, 'Add', call2(frame, 'Multiply', m, 256), n));
    const high = find(p.quotient, q.quotient);
    return call2(frame, 'Add', call2(frame, 'Multiply', high, 256), find(p.rest, q.rest));
  };
  return { hi: combineHalf(a.hi, b.hi), lo: combineHalf(a.lo, b.lo) };
}

function powers(frame: Frame, power: (exponent: number) => number): TensorInfo {
  return frame.constant(
    Float32Array.from({ length: 32 }, (_, i) => power(i)),
    [32],
    'float32',
  );
}

/** a << b, 0 ≤ b < 32. */
export function shiftLeft(frame: Frame, a: Wide, b: Wide): Wide {
  const exponent = toFloat32(frame, b, true);
  const hi = lookUp(
    frame,
    powers(frame, (i) => (i < 16 ? 0 : 2 ** (i - 16))),
    exponent,
  );
  const lo = lookUp(
    frame,
    powers(frame, (i) => (i < 16 ? 2 ** i : 0)),
    exponent,
  );
  return multiply(frame, a, { hi, lo });
}

/** a >> b, 0 ≤ b < 32: with the sign bit, or with zeros when `isUnsigned`. */
export function shiftRight(frame: Frame, a: Wide, b: Wide, isUnsigned: boolean): Wide {
  const exponent = toFloat32(frame, b, true);
  if (isUnsigned) return shiftZeros(frame, a, exponent);
  // ~(~a >> b) fills with ones where a is negative.
  const sign = signBit(frame, a.hi);
  const flip = (x: TensorInfo): TensorInfo => {
    const flipped = call2(frame, 'Sub', frame.scalar(half - 1, 'float32'), x);
    const change = call2(frame, 'Multiply', call2(frame, 'Sub', flipped, x), sign);
    return call2(frame, 'Add', x, change);
  };
  const shifted = shiftZeros(frame, { hi: flip(a.hi), lo: flip(a.lo) }, exponent);
  return { hi: flip(shifted.hi), lo: flip(shifted.lo) };
}

function shiftZeros(frame: Frame, { hi, lo }: Wide, exponent: TensorInfo): Wide {
  // From 16 on the high half moves into the low one first.
  const isLong = frame.cast(call2(frame, 'GreaterEqual', exponent, 16), 'float32');
  const isShort = call2(frame, 'Sub', frame.scalar(1, 'float32'), isLong);
  const low = call2(frame, 'Add', call2(frame, 'Multiply', hi, isLong), call2(frame, 'Multiply', lo, isShort));
  const high = call2(frame, 'Multiply', hi, isShort);
  const inverse = lookUp(
    frame,
    powers(frame, (i) => 2 ** -(i % 16)),
    exponent,
  );
  const floor = (x: TensorInfo): TensorInfo => frame.call('Floor', { x: call2(frame, 'Multiply', x, inverse) });
  const newHigh = floor(high);
  // What falls out of the high half: (high/p − ⌊high/p⌋)·2¹⁶ whole steps of the low one.
  const fallen = call2(frame, 'Sub', call2(frame, 'Multiply', high, inverse), newHigh);
  return { hi: newHigh, lo: call2(frame, 'Add', call2(frame, 'Multiply', fallen, half), floor(low)) };
}
