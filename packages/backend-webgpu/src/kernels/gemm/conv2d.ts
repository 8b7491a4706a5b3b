/** `conv2d`, `conv2dFused` and the gradients of convolutions: chooses among the kernels for them. */
import { type CompositeKernels, type RequiredKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, type KernelContext, output, type Plan, planOf } from '../../plan.ts';
import { foldStep } from '../reduce.ts';
import { type ConvShape, forwardShape, inputGradShape, isProduct } from './conv-shape.ts';
import { type Epilogue, plainEpilogue } from './epilogue.ts';
import { registerConv } from './register-conv.ts';
import { registerFilterGrad } from './register-filter-grad.ts';
import { registerProduct } from './register-matmul.ts';

/** Plans a convolution whose operands are inputs 0 and 1. */
export function convPlan(shape: ConvShape, epilogue: Epilogue, _context: KernelContext): Plan {
  if (shape.images * shape.heightOut * shape.widthOut * shape.columns === 0) return emptyPlan;
  const tile = { rows: 4, columns: 8 };
  if (isProduct(shape)) {
    const sizes = {
      batch: 1,
      rows: shape.images * shape.height * shape.width,
      depth: shape.depth,
      columns: shape.columns,
      transposeA: false,
      transposeB: shape.isFlipped,
      isSharedA: true,
      isSharedB: true,
    };
    return planOf(registerProduct(sizes, { a: input(0), b: input(1) }, epilogue, tile));
  }
  return planOf(registerConv(shape, { x: input(0), filter: input(1) }, epilogue, tile));
}

/** x, filter → y. */
export const conv2d: Kernel<RequiredKernels['conv2d']> = ({ inputs, attributes, outputs }, context) => {
  const shape = forwardShape(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attributes);
  return convPlan(shape, plainEpilogue(output()), context);
};

/** x, filter, bias, perhaps a residual → activation(conv + bias) + residual. */
export const conv2dFused: Kernel<CompositeKernels['conv2dFused']> = ({ inputs, attributes, outputs }, context) => {
  const shape = forwardShape(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attributes);
  const { activation, hasResidual } = attributes;
  const residual = hasResidual ? { residual: input(3) } : {};
  return convPlan(shape, { activation, bias: input(2), ...residual, to: output() }, context);
};

/** dy, filter → dx. */
export const conv2dInputGrad: Kernel<RequiredKernels['conv2dInputGrad']> = (
  { inputs, attributes, outputs },
  context,
) => {
  const shape = inputGradShape(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attributes);
  return convPlan(shape, plainEpilogue(output()), context);
};

/** x, dy → dFilter. */
export const conv2dFilterGrad: Kernel<RequiredKernels['conv2dFilterGrad']> = (
  { inputs, attributes, outputs },
  { traits },
) => {
  const filter = outputs[0]!.shape;
  if (sizeOf(filter) === 0) return emptyPlan;
  const shape = forwardShape(inputs[0]!.shape, filter, inputs[1]!.shape, attributes);
  if (sizeOf(inputs[1]!.shape) === 0) {
    return planOf(foldStep('sum', 'f32', [sizeOf(filter), 0, 1], 1, 1, input(0), output()));
  }
  const buffers = { x: input(0), dy: input(1), to: output() };
  return registerFilterGrad(shape, buffers, traits.isSoftware ? 512 : 32_768);
};
