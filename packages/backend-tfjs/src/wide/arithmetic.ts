/** Sums, products and quotients of wide integers. Operands broadcast as tfjs's float32 kernels do. */
import { call2 } from '../kernels/integers.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { isAtLeast, selectWide } from './order.ts';
import { fromColumns, half, splitAt, toBytes, toFloat32, toWide, type Wide, wideFull, wrapHalf } from './wide.ts';

/** a + b. */
export function add(frame: Frame, a: Wide, b: Wide): Wide {
  const { quotient: carry, rest } = splitAt(frame, call2(frame, 'Add', a.lo, b.lo), 16);
  const high = call2(frame, 'Add', call2(frame, 'Add', a.hi, b.hi), carry);
  return { hi: wrapHalf(frame, high), lo: rest };
}

/** a − b. */
export function subtract(frame: Frame, a: Wide, b: Wide): Wide {
  // The quotient is −1 where the low half borrows.
  const { quotient: borrow, rest } = splitAt(frame, call2(frame, 'Sub', a.lo, b.lo), 16);
  const high = call2(frame, 'Add', call2(frame, 'Sub', a.hi, b.hi), borrow);
  return { hi: wrapHalf(frame, high), lo: rest };
}

/** −a. */
export function negate(frame: Frame, a: Wide): Wide {
  return subtract(frame, wideFull(frame, [], 0), a);
}

/** The low 32 bits of a·b: schoolbook multiplication of bytes, by columns. */
export function multiply(frame: Frame, a: Wide, b: Wide): Wide {
  const [x, y] = [toBytes(frame, a), toBytes(frame, b)];
  const column = (place: number): TensorInfo => {
    const products = Array.from({ length: place + 1 }, (_, i) => call2(frame, 'Multiply', x[i]!, y[place - i]!));
    return products.reduce((sum, product) => call2(frame, 'Add', sum, product));
  };
  return fromColumns(frame, [column(0), column(1), column(2), column(3)]);
}

/** Quotient and rest of unsigned integers; both 0 where b is 0. */
function divideUnsigned(frame: Frame, a: Wide, b: Wide): { quotient: Wide; rest: Wide } {
  const zero = wideFull(frame, [], 0);
  const isZero = call2(frame, 'Equal', toFloat32(frame, b, true), 0);
  const one = wideFull(frame, b.hi.shape, 1);
  const divisor = selectWide(frame, isZero, one, b);
  const size = toFloat32(frame, divisor, true);
  let quotient = zero;
  let rest = a;
  // Each estimate is a little too small, by 2⁻¹⁹ of what is left, so that two leave less than two divisors.
  for (let i = 0; i < 2; i++) {
    const ratio = call2(frame, 'RealDiv', toFloat32(frame, rest, true), size);
    const estimate = toWide(frame, frame.call('Floor', { x: call2(frame, 'Multiply', ratio, 1 - 2 ** -20) }));
    quotient = add(frame, quotient, estimate);
    rest = subtract(frame, rest, multiply(frame, estimate, divisor));
  }
  const step = frame.cast(isAtLeast(frame, rest, divisor, true), 'float32');
  const times = (x: Wide, factor: TensorInfo): Wide => ({
    hi: call2(frame, 'Multiply', x.hi, factor),
    lo: call2(frame, 'Multiply', x.lo, factor),
  });
  const isDefined = call2(frame, 'Sub', frame.scalar(1, 'float32'), frame.cast(isZero, 'float32'));
  const whole = add(frame, quotient, { hi: frame.scalar(0, 'float32'), lo: step });
  return {
    quotient: times(whole, isDefined),
    rest: times(subtract(frame, rest, times(divisor, step)), isDefined),
  };
}

/** |a| as an unsigned integer, and whether a is negative. */
function magnitude(frame: Frame, a: Wide): { size: Wide; isNegative: TensorInfo } {
  const isNegative = call2(frame, 'GreaterEqual', a.hi, half / 2);
  return { size: selectWide(frame, isNegative, negate(frame, a), a), isNegative };
}

/** a / b towards zero; 0 where b is 0. */
export function divide(frame: Frame, a: Wide, b: Wide, isUnsigned: boolean): Wide {
  if (isUnsigned) return divideUnsigned(frame, a, b).quotient;
  const [x, y] = [magnitude(frame, a), magnitude(frame, b)];
  const { quotient } = divideUnsigned(frame, x.size, y.size);
  const isNegative = call2(frame, 'NotEqual', frame.cast(x.isNegative, 'float32'), frame.cast(y.isNegative, 'float32'));
  return selectWide(frame, isNegative, negate(frame, quotient), quotient);
}

/** The remainder with the sign of the divisor. */
export function modulo(frame: Frame, a: Wide, b: Wide, isUnsigned: boolean): Wide {
  if (isUnsigned) return divideUnsigned(frame, a, b).rest;
  const rest = subtract(frame, a, multiply(frame, divide(frame, a, b, false), b));
  const isRest = call2(frame, 'NotEqual', toFloat32(frame, rest, true), 0);
  const negative = (x: Wide): TensorInfo => frame.cast(call2(frame, 'GreaterEqual', x.hi, half / 2), 'float32');
  const differs = call2(frame, 'NotEqual', negative(rest), negative(b));
  const needsStep = call2(frame, 'Multiply', frame.cast(isRest, 'float32'), frame.cast(differs, 'float32'));
  const stepped = add(frame, rest, b);
  return selectWide(frame, call2(frame, 'NotEqual', needsStep, 0), stepped, rest);
}
