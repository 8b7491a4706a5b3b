/** `conv2dFused` on tfjs's `FusedConv2D`: bias and activation in one pass over the result. */
import type { CompositeKernels } from '@vqkit/core';
import { windowAttributes } from '../kernels/conv2d.ts';
import { call2 } from '../kernels/integers.ts';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { activateAfterFused, fusedActivation } from './activate.ts';

/** A bias as fused kernels take it; see `Traits.checksBiasRank`. */
export function biasOf(frame: Frame, bias: TensorInfo): TensorInfo {
  return frame.runtime.traits.checksBiasRank ? frame.call('Identity', { x: bias }) : bias;
}

/** x, filter, bias and perhaps a residual → activation(conv + bias) + residual. */
export const conv2dFused: TfKernel<CompositeKernels['conv2dFused']> = (
  frame,
  [x, filter, bias, residual],
  attributes,
) => {
  const { activation } = attributes;
  const y = frame.call(
    'FusedConv2D',
    { x: x!.info, filter: filter!.info, bias: biasOf(frame, bias!.info) },
    { ...windowAttributes(attributes), ...fusedActivation(activation) },
  );
  const activated = activateAfterFused(frame, y, activation);
  return [residual ? call2(frame, 'Add', activated, residual.info) : activated];
};
