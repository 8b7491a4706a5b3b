/** `unary`. Integers go their own way, because most of tfjs's elementwise kernels compute in float32. */
import type { RequiredKernels, UnaryOp } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { call2, multiply, select } from './integers.ts';
import { numeric, type TfKernel, truth } from './tf-kernel.ts';

/** tfjs names its kernels as we do, with a capital letter: `neg` is `Neg`. */
const kernelOf = (op: UnaryOp): string => op.charAt(0).toUpperCase() + op.slice(1);

/** Integer functions that wrap as the contract says. */
function ofInteger(frame: Frame, op: UnaryOp, x: TensorInfo): TensorInfo {
  if (op === 'square') return multiply(frame, x, x);
  if (op === 'sign') {
    const isPositive = frame.toInteger(call2(frame, 'Greater', x, 0));
    return call2(frame, 'Sub', isPositive, frame.toInteger(call2(frame, 'Less', x, 0)));
  }
  const negative = frame.call('Sub', { a: frame.scalar(0, x.dtype), b: x });
  return op === 'neg' ? negative : call2(frame, 'Maximum', x, negative);
}

/** tfjs gives NaN the sign 0, and wasm also whatever rounds to 0. */
function signOf(frame: Frame, x: TensorInfo): TensorInfo {
  const is = (kernel: string): TensorInfo => frame.cast(call2(frame, kernel, x, 0), 'float32');
  return select(frame, frame.call('IsNan', { x }), x, call2(frame, 'Sub', is('Greater'), is('Less')));
}

/** x → elementwise. */
export const unary: TfKernel<RequiredKernels['unary']> = (frame, [x], { op }) => {
  if (op === 'identity') return [x!.info];
  if (op === 'not') return [frame.call('LogicalNot', { x: truth(frame, x!) })];
  if (x!.dtype !== 'f32') return [ofInteger(frame, op, numeric(frame, x!))];
  const { info } = x!;
  return [op === 'sign' ? signOf(frame, info) : frame.call(kernelOf(op), { x: info })];
};
