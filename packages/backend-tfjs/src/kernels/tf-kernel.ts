/** What a kernel of this package is: a function of a frame that runs one or more of tfjs's kernels. */
import type { TensorSpec } from '@vqkit/core';
import type { Frame, Operand } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/**
 * Runs a kernel on operands that are not empty.
 *
 * @returns One result per output spec, with its shape. A result may be an operand itself: the caller keeps references.
 */
export type TfKernel<Attributes> = (
  frame: Frame,
  inputs: readonly Operand[],
  attributes: Attributes,
  outputs: readonly TensorSpec[],
) => readonly TensorInfo[];

/** An operand's values as numbers: truth values (u8 stored as bool) become 0 and 1. */
export function numeric(frame: Frame, { info }: Operand): TensorInfo {
  return info.dtype === 'bool' ? frame.toInteger(info) : info;
}

/** An operand's values as tfjs wants indices. */
export function indexOf(frame: Frame, { info }: Operand): TensorInfo {
  return frame.cast(info, 'int32');
}

/** An operand's values as truth values: 1 where they are not 0. */
export function truth(frame: Frame, { info }: Operand): TensorInfo {
  return info.dtype === 'bool' ? info : frame.call('NotEqual', { a: info, b: frame.scalar(0, info.dtype) });
}
