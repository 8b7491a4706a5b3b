/** The required kernels where an input or an output is a wide integer. */
import { type BinaryOp, type DType, type RequiredKernels, sizeOf, type TensorSpec } from '@vqkit/core';
import { rowsAlong } from '../kernels/gather.ts';
import { broadcastTo, padTo, sliceOf } from '../kernels/layout.ts';
import { numeric, truth } from '../kernels/tf-kernel.ts';
import type { Frame, Operand } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import * as arithmetic from './arithmetic.ts';
import { combineBits, shiftLeft, shiftRight } from './bits.ts';
import { floatToWide, wideToSmall } from './cast.ts';
import { compareWide, extreme, selectWide } from './order.ts';
import { argReduceWide, reduceWide, scatterWide } from './reduce.ts';
import { mapHalves, toFloat32, type Wide, wideFull, wideValues } from './wide.ts';

/** An operand of such a kernel: `wide` for i32 and u32, and `info` for all others. */
export interface WideOperand extends Omit<Operand, 'info'> {
  readonly info?: TensorInfo;
  readonly wide?: Wide;
}

/** Runs a kernel; one result, whose shape the caller corrects. */
export type WideKernel = (
  frame: Frame,
  inputs: readonly WideOperand[],
  attributes: never,
  output: TensorSpec,
) => TensorInfo | Wide;

const isUnsigned = ({ dtype }: { readonly dtype: DType }): boolean => dtype === 'u32';

/** Indices as tfjs wants them: they are small. */
function indexOf(frame: Frame, x: WideOperand): TensorInfo {
  return frame.cast(toFloat32(frame, x.wide!, isUnsigned(x)), 'int32');
}

function unary(frame: Frame, [x]: readonly WideOperand[], { op }: RequiredKernels['unary']): Wide {
  const a = x!.wide!;
  if (op === 'identity') return a;
  if (op === 'square') return arithmetic.multiply(frame, a, a);
  const negative = arithmetic.negate(frame, a);
  if (op === 'neg') return negative;
  if (op === 'abs') return extreme(frame, 'max', a, negative, false);
  const zero = wideFull(frame, a.hi.shape, 0);
  const [isPositive, isNegative] = (['gt', 'lt'] as const).map((by) => compareWide(frame, by, a, zero, false));
  const positive = selectWide(frame, isPositive!, wideFull(frame, a.hi.shape, 1), zero);
  return selectWide(frame, isNegative!, wideFull(frame, a.hi.shape, -1), positive);
}

const combinations: Readonly<
  Record<Exclude<BinaryOp, 'pow'>, (frame: Frame, a: Wide, b: Wide, isUnsigned: boolean) => Wide>
> = {
  add: arithmetic.add,
  sub: arithmetic.subtract,
  mul: arithmetic.multiply,
  div: arithmetic.divide,
  mod: arithmetic.modulo,
  max: (frame, a, b, unsigned) => extreme(frame, 'max', a, b, unsigned),
  min: (frame, a, b, unsigned) => extreme(frame, 'min', a, b, unsigned),
  shl: shiftLeft,
  shr: shiftRight,
  and: (frame, a, b) => combineBits(frame, 'and', a, b),
  or: (frame, a, b) => combineBits(frame, 'or', a, b),
  xor: (frame, a, b) => combineBits(frame, 'xor', a, b),
};

function binary(frame: Frame, [x, y]: readonly WideOperand[], { op }: RequiredKernels['binary']): Wide {
  return combinations[op as keyof typeof combinations](frame, x!.wide!, y!.wide!, isUnsigned(x!));
}

function cast(frame: Frame, [x]: readonly WideOperand[], _: object, { dtype }: TensorSpec): TensorInfo | Wide {
  const isWideOutput = dtype === 'i32' || dtype === 'u32';
  if (x!.wide) return isWideOutput ? x!.wide : wideToSmall(frame, x!.wide, isUnsigned(x!), dtype);
  const { info } = x as Operand;
  if (x!.dtype === 'u8') {
    const lo = frame.cast(info, 'float32');
    return { hi: frame.full(lo.shape, 'f32', 0), lo };
  }
  return floatToWide(frame, info, dtype === 'u32');
}

function where(frame: Frame, [condition, a, b]: readonly WideOperand[], _: object, { shape }: TensorSpec): Wide {
  const whole = broadcastTo(frame, numeric(frame, condition as Operand), shape);
  const mask = truth(frame, { ...(condition as Operand), info: whole });
  return selectWide(frame, mask, a!.wide!, b!.wide!);
}

function gather(
  frame: Frame,
  [x, indices]: readonly WideOperand[],
  { axis }: RequiredKernels['gather'],
): TensorInfo | Wide {
  const at = indexOf(frame, indices!);
  const pick = (part: TensorInfo): TensorInfo =>
    frame.call('GatherV2', { x: part, indices: at }, { axis, batchDims: 0 });
  return x!.wide ? mapHalves(x!.wide, pick) : pick(numeric(frame, x as Operand));
}

function scatterAdd(
  frame: Frame,
  [indices, updates]: readonly WideOperand[],
  { axis }: RequiredKernels['scatterAdd'],
  { shape }: TensorSpec,
): Wide {
  const { toRows, back } = rowsAlong(frame, axis, shape);
  const rows = mapHalves(updates!.wide!, toRows);
  return mapHalves(scatterWide(frame, indexOf(frame, indices!), rows, shape[axis]!), back);
}

function concat(frame: Frame, inputs: readonly WideOperand[], { axis }: RequiredKernels['concat']): Wide {
  const parts = inputs.filter(({ shape }) => shape[axis] !== 0).map(({ wide }) => wide!);
  if (parts.length === 1) return parts[0]!;
  const join = (key: keyof Wide): TensorInfo =>
    frame.call(
      'Concat',
      parts.map((part) => part[key]),
      { axis },
    );
  return { hi: join('hi'), lo: join('lo') };
}

function pad(frame: Frame, [x]: readonly WideOperand[], { before, after, value }: RequiredKernels['pad']): Wide {
  const { hi, lo } = x!.wide!;
  const bits = value | 0;
  return { hi: padTo(frame, hi, before, after, bits >>> 16), lo: padTo(frame, lo, before, after, bits & 0xffff) };
}

function range(frame: Frame, { start, step }: RequiredKernels['range'], { shape }: TensorSpec): Wide {
  return wideValues(
    frame,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => start + i * step),
    shape,
  );
}

const table: Readonly<Record<string, WideKernel>> = {
  fill: (frame, _, { value }: RequiredKernels['fill'], { shape }) => wideFull(frame, shape, value),
  range: (frame, _, attributes: RequiredKernels['range'], output) => range(frame, attributes, output),
  unary,
  binary,
  compare: (frame, [a, b], { op }: RequiredKernels['compare']) =>
    compareWide(frame, op, a!.wide!, b!.wide!, isUnsigned(a!)),
  where,
  cast,
  reduce: (frame, [x], attributes: RequiredKernels['reduce']) =>
    reduceWide(frame, x!.wide!, attributes, isUnsigned(x!)),
  argReduce: (frame, [x], attributes: RequiredKernels['argReduce']) =>
    argReduceWide(frame, x!.wide!, attributes, isUnsigned(x!)),
  transpose: (frame, [x], { perm }: RequiredKernels['transpose']) =>
    perm.every((axis, i) => axis === i)
      ? x!.wide!
      : mapHalves(x!.wide!, (part) => frame.call('Transpose', { x: part }, { perm: [...perm] })),
  slice: (frame, [x], { begin, step }: RequiredKernels['slice'], { shape }) =>
    mapHalves(x!.wide!, (part) => (shape.length === 0 ? part : sliceOf(frame, part, begin, step, shape))),
  broadcast: (frame, [x], _, { shape }) => mapHalves(x!.wide!, (part) => broadcastTo(frame, part, shape)),
  concat,
  pad,
  gather,
  scatterAdd,
};

/** The kernel for a call that touches wide integers, if it needs one of its own: others see integers as small float32. */
export function wideKernelFor(kernel: string, inputs: readonly TensorSpec[]): WideKernel | undefined {
  const isWide = ({ dtype }: TensorSpec): boolean => dtype === 'i32' || dtype === 'u32';
  // Positions of floats, and sums of floats, have indices as their only integers.
  if (kernel === 'argReduce' && !isWide(inputs[0]!)) return undefined;
  if (kernel === 'scatterAdd' && !isWide(inputs[1]!)) return undefined;
  return table[kernel];
}
