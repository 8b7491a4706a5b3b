/** `conv2d`, `conv2dFused` and the gradients of convolutions: chooses among the kernels for them. */
import { type CompositeKernels, type Conv2dAttributes, type RequiredKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, type KernelContext, output, type Plan, planOf } from '../../plan.ts';
import { foldStep } from '../reduce.ts';
import { type ConvShape, forwardShape, inputGradShape, isProduct } from './conv-shape.ts';
import { type Epilogue, type EpilogueAttributes, epilogueOf, plainEpilogue } from './epilogue.ts';
import { productPlan } from './matmul.ts';
import { registerConv } from './register-conv.ts';
import { registerFilterGrad } from './register-filter-grad.ts';
import { tiledConv } from './tiled-conv.ts';
import { tiledFilterGrad } from './tiled-filter-grad.ts';
import { chooseVariant } from './variants.ts';

/** Plans a convolution whose operands are inputs 0 and 1. */
function convPlan(shape: ConvShape, epilogue: Epilogue, context: KernelContext): Plan {
  const { images, height, width, heightOut, widthOut, depth, columns, kernel, isFlipped } = shape;
  const rows = images * heightOut * widthOut;
  if (rows * columns === 0) return emptyPlan;
  if (isProduct(shape) && !epilogue.isShuffled) {
    const sizes = {
      batch: 1,
      rows: images * height * width,
      depth,
      columns,
      transposeA: false,
      transposeB: isFlipped,
      isSharedA: true,
      isSharedB: true,
    };
    return productPlan(sizes, { a: input(0), b: input(1) }, epilogue, context);
  }
  const extent = { batch: 1, rows, depth: depth * kernel[0] * kernel[1], columns };
  const isAligned = depth % 4 === 0 && columns % 4 === 0;
  const variant = chooseVariant(isFlipped ? 'conv2dInputGrad' : 'conv2d', extent, context, isAligned);
  const buffers = { x: input(0), filter: input(1) };
  return planOf(
    variant.kind === 'tile'
      ? tiledConv(shape, buffers, epilogue, variant.tile)
      : registerConv(shape, buffers, epilogue, variant.tile),
  );
}

/** x, filter → y. */
export const conv2d: Kernel<RequiredKernels['conv2d']> = ({ inputs, attributes, outputs }, context) => {
  const shape = forwardShape(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attributes);
  return convPlan(shape, plainEpilogue(output()), context);
};

/** x, filter, bias, perhaps a residual → activation(conv + bias) + residual. */
export const conv2dFused: Kernel<CompositeKernels['conv2dFused']> = ({ inputs, attributes, outputs }, context) => {
  const shape = forwardShape(inputs[0]!.shape, inputs[1]!.shape, outputs[0]!.shape, attributes);
  return convPlan(shape, epilogueOf({ ...attributes, hasBias: true }), context);
};

/** x, filter, perhaps a bias, perhaps a residual → activation(conv + bias) + residual, its pixels perhaps shuffled. */
export const conv2dEpilogue: Kernel<Conv2dAttributes & EpilogueAttributes> = (
  { inputs, attributes, outputs },
  context,
) => {
  const [n, h, w, c] = outputs[0]!.shape as [number, number, number, number];
  const sums = attributes.isShuffled ? [n, h / 2, w / 2, c * 4] : [n, h, w, c];
  const shape = forwardShape(inputs[0]!.shape, inputs[1]!.shape, sums, attributes);
  return convPlan(shape, epilogueOf(attributes), context);
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
  context,
) => {
  const filter = outputs[0]!.shape;
  if (sizeOf(filter) === 0) return emptyPlan;
  const shape = forwardShape(inputs[0]!.shape, filter, inputs[1]!.shape, attributes);
  if (sizeOf(inputs[1]!.shape) === 0) {
    return planOf(foldStep('sum', 'f32', [sizeOf(filter), 0, 1], 1, 1, input(0), output()));
  }
  const buffers = { x: input(0), dy: input(1), to: output() };
  const { depth, columns, kernel, images, heightOut, widthOut } = shape;
  const extent = { batch: 1, rows: kernel[0] * kernel[1] * depth, depth: images * heightOut * widthOut, columns };
  const isAligned = depth % 4 === 0 && columns % 4 === 0;
  const variant = chooseVariant('conv2dFilterGrad', extent, context, isAligned);
  if (variant.kind === 'tile' && isAligned) return tiledFilterGrad(shape, buffers, variant.tile);
  return registerFilterGrad(shape, buffers, context.traits.isSoftware ? 512 : 32_768);
};
