/** `binary`, `compare` and `where`. tfjs broadcasts as NumPy does, except in `Select`. */
import type { BinaryOp, RequiredKernels } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import * as integers from './integers.ts';
import { call2, compareNames, flipSign, select } from './integers.ts';
import { broadcastTo } from './layout.ts';
import { numeric, type TfKernel, truth } from './tf-kernel.ts';

const floatNames: Readonly<Partial<Record<BinaryOp, string>>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Multiply',
  div: 'RealDiv',
  pow: 'Pow',
  max: 'Maximum',
  min: 'Minimum',
  mod: 'Mod',
};

function ofFloats(frame: Frame, op: BinaryOp, a: TensorInfo, b: TensorInfo): TensorInfo {
  const result = call2(frame, floatNames[op]!, a, b);
  if ((op !== 'max' && op !== 'min') || frame.runtime.traits.spreadsNan) return result;
  const isNan = (x: TensorInfo): TensorInfo => frame.toInteger(frame.call('IsNan', { x }));
  const hasNan = call2(frame, 'NotEqual', call2(frame, 'Add', isNan(a), isNan(b)), 0);
  return select(frame, hasNan, frame.full(result.shape, 'f32', Number.NaN), result);
}

type Combine = (frame: Frame, a: TensorInfo, b: TensorInfo, isUnsigned: boolean) => TensorInfo;

/** As for floats, of integers in their order. */
const ordered =
  (name: string): Combine =>
  (frame, a, b, isUnsigned) =>
    isUnsigned ? flipSign(frame, call2(frame, name, flipSign(frame, a), flipSign(frame, b))) : call2(frame, name, a, b);

const ofIntegers: Readonly<Record<Exclude<BinaryOp, 'pow'>, Combine>> = {
  add: (frame, a, b) => call2(frame, 'Add', a, b),
  sub: (frame, a, b) => call2(frame, 'Sub', a, b),
  mul: integers.multiply,
  div: integers.divide,
  mod: integers.modulo,
  and: integers.bitAnd,
  or: integers.bitOr,
  xor: integers.bitXor,
  shl: integers.shiftLeft,
  shr: integers.shiftRight,
  max: ordered('Maximum'),
  min: ordered('Minimum'),
};

/** a, b → elementwise with broadcasting. */
export const binary: TfKernel<RequiredKernels['binary']> = (frame, [a, b], { op }) => [
  a!.dtype === 'f32'
    ? ofFloats(frame, op, a!.info, b!.info)
    : ofIntegers[op as keyof typeof ofIntegers](frame, a!.info, b!.info, a!.dtype === 'u32'),
];

/** a, b → u8 with broadcasting. */
export const compare: TfKernel<RequiredKernels['compare']> = (frame, [a, b], { op }) => {
  const hasOrder = op !== 'eq' && op !== 'ne';
  const prepare = (x: TensorInfo): TensorInfo => (hasOrder && a!.dtype === 'u32' ? flipSign(frame, x) : x);
  return [call2(frame, compareNames[op], prepare(numeric(frame, a!)), prepare(numeric(frame, b!)))];
};

/** condition u8, a, b → a where condition ≠ 0, else b. */
export const where: TfKernel<RequiredKernels['where']> = (frame, [condition, a, b], _, [out]) => {
  const spread = (x: TensorInfo): TensorInfo => broadcastTo(frame, x, out!.shape);
  const mask = truth(frame, { ...condition!, info: spread(numeric(frame, condition!)) });
  return [select(frame, mask, spread(numeric(frame, a!)), spread(numeric(frame, b!)))];
};
