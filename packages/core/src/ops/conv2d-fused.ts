/** Convolution with what usually follows it, as one kernel where a backend has one. */
import type { Activation, CompositeKernels } from '../backend/composites.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { activate } from './activation.ts';
import { add } from './binary.ts';
import { checkShape } from './broadcast-shapes.ts';
import { type Conv2dOptions, conv2d, inferConv2d, windowAttributes } from './conv2d.ts';
import { defineOp } from './define-op.ts';

const conv2dFusedOp = defineOp<CompositeKernels['conv2dFused']>({
  name: 'conv2dFused',
  infer: ([x, filter, bias, residual], attributes) => {
    const output = inferConv2d('conv2dFused', x!, filter!, attributes);
    checkShape('conv2dFused', 'a bias', bias!, [output.shape[3]!]);
    if (residual) checkShape('conv2dFused', 'a residual', residual, output.shape);
    return [output];
  },
  // No gradient of its own: while gradients are recorded the parts run, so that each keeps what its rule needs.
  isComposedWhenRecorded: () => true,
  forward: ([x, filter, bias, residual], { activation, strides, pads, dilations }) => {
    const y = activate(add(conv2d(x!, filter!, { strides, pads, dilations }), bias!), activation);
    return [residual ? add(y, residual) : y];
  },
});

/** What follows the convolution. */
export interface Conv2dFusedOptions extends Conv2dOptions {
  /** f32 `[Cout]`. */
  readonly bias: Tensor;
  /** Applied after the bias. Default `'none'`. */
  readonly activation?: Activation;
  /** Added last; f32 like the result. */
  readonly residual?: Tensor;
}

/**
 * activation(conv2d(x, filter) + bias) + residual.
 *
 * @param x  f32 `[N, H, W, Cin]`.
 * @param filter  f32 `[kh, kw, Cin, Cout]`.
 */
export function conv2dFused(x: Tensor, filter: Tensor, options: Conv2dFusedOptions): Tensor {
  const { bias, activation = 'none', residual } = options;
  const window = windowAttributes(
    [x.shape[1] ?? 0, x.shape[2] ?? 0],
    [filter.shape[0] ?? 0, filter.shape[1] ?? 0],
    options,
  );
  const inputs = residual ? [x, filter, bias, residual] : [x, filter, bias];
  return conv2dFusedOp(inputs, { ...window, activation, hasResidual: residual !== undefined })[0]!;
}
