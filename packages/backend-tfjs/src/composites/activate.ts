/** Activations: inside tfjs's fused kernels where they know them, after those otherwise. */
import type { Activation } from '@vqkit/core';
import { call2 } from '../kernels/integers.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo, TfAttributes } from '../runtime/tf-types.ts';

/** `leakyRelu` of fused kernels has this slope. */
const slope = 0.2;

const fused: Readonly<Partial<Record<Activation, string>>> = {
  none: 'linear',
  relu: 'relu',
  leakyRelu: 'leakyrelu',
  sigmoid: 'sigmoid',
};

/** Attributes with which `FusedConv2D` and `_FusedMatMul` apply an activation, or none when they do not know it. */
export function fusedActivation(activation: Activation): TfAttributes {
  return { activation: fused[activation] ?? 'linear', leakyreluAlpha: slope };
}

/** What of an activation is left to do after a fused kernel. */
export function activateAfterFused(frame: Frame, x: TensorInfo, activation: Activation): TensorInfo {
  switch (activation) {
    case 'silu':
      return call2(frame, 'Multiply', x, frame.call('Sigmoid', { x }));
    case 'tanh':
      return frame.call('Tanh', { x });
    case 'gelu': {
      const half = frame.call('Erf', { x: call2(frame, 'Multiply', x, Math.SQRT1_2) });
      return call2(frame, 'Multiply', call2(frame, 'Multiply', x, 0.5), call2(frame, 'Add', half, 1));
    }
    default:
      return x;
  }
}
