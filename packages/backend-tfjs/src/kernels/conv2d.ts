/**
 * `conv2d` and its gradients on tfjs's own kernels, put together from others where a runtime or tfjs lacks a case:
 * the gradient with respect to the filter on wasm, gradients with dilation everywhere, paddings on the native runtime.
 */
import type { Conv2dAttributes, RequiredKernels, Shape } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo, TfAttributes } from '../runtime/tf-types.ts';
import { insertZeros, padTo, sliceOf } from './layout.ts';
import type { TfKernel } from './tf-kernel.ts';

/** Attributes that tfjs's convolutions share. */
export function windowAttributes({ strides, pads, dilations }: Conv2dAttributes): TfAttributes {
  const [top, left, bottom, right] = pads;
  return {
    strides: [...strides],
    pad: pads.some((n) => n > 0)
      ? [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]
      : 'valid',
    dataFormat: 'NHWC',
    dilations: [...dilations],
    dimRoundingMode: 'floor',
  };
}

/** x with its zero border. */
function padded(frame: Frame, x: TensorInfo, [top, left, bottom, right]: Conv2dAttributes['pads']): TensorInfo {
  return padTo(frame, x, [0, top, left, 0], [0, bottom, right, 0], 0);
}

function paddedShape(shape: Shape, [top, left, bottom, right]: Conv2dAttributes['pads']): number[] {
  return [shape[0]!, shape[1]! + top + bottom, shape[2]! + left + right, shape[3]!];
}

/** x, filter → cross-correlation. */
export const conv2d: TfKernel<RequiredKernels['conv2d']> = (frame, [x, filter], attributes) => [
  frame.call('Conv2D', { x: x!.info, filter: filter!.info }, windowAttributes(attributes)),
];

/** The filter with `dilations − 1` zeros between its taps, which makes a dilated convolution an ordinary one. */
function dilate(frame: Frame, filter: TensorInfo, [dilationY, dilationX]: readonly [number, number]): TensorInfo {
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  const taps = frame.reshape(filter, [1, kh, kw, cin * cout]);
  const apart = insertZeros(frame, taps, [dilationY - 1, dilationX - 1]);
  return frame.reshape(apart, [apart.shape[1]!, apart.shape[2]!, cin, cout]);
}

/** dy, filter → dx. */
export const conv2dInputGrad: TfKernel<RequiredKernels['conv2dInputGrad']> = (
  frame,
  [dy, filter],
  attributes,
  [out],
) => {
  const { dilations, pads } = attributes;
  const taps = dilations.some((n) => n > 1) ? dilate(frame, filter!.info, dilations) : filter!.info;
  const plain = { ...attributes, dilations: [1, 1] } as const;
  const inputs = { dy: dy!.info, filter: taps };
  if (frame.runtime.traits.padsGradients) {
    return [frame.call('Conv2DBackpropInput', inputs, { ...windowAttributes(plain), inputShape: [...out!.shape] })];
  }
  const inputShape = paddedShape(out!.shape, pads);
  const whole = frame.call('Conv2DBackpropInput', inputs, {
    ...windowAttributes({ ...plain, pads: [0, 0, 0, 0] }),
    inputShape,
  });
  return [sliceOf(frame, whole, [0, pads[0], pads[1], 0], [1, 1, 1, 1], out!.shape)];
};

/**
 * For each tap, what it saw of x, times dy: kh·kw products of `[Cin, P]` and `[P, Cout]` over P output pixels.
 * x is turned to `[Cin, N, H, W]` once, so that no tap needs a transpose.
 */
function filterGradByTaps(
  frame: Frame,
  x: TensorInfo,
  dy: TensorInfo,
  { strides, dilations }: Conv2dAttributes,
  [kh, kw, cin, cout]: Shape,
): TensorInfo {
  const [n, ho, wo] = dy.shape as [number, number, number];
  const pixels = n * ho * wo;
  const byChannel = frame.call('Transpose', { x }, { perm: [3, 0, 1, 2] });
  const b = frame.reshape(dy, [1, pixels, cout!]);
  const step = [1, 1, strides[0], strides[1]];
  const products: TensorInfo[] = [];
  for (let ky = 0; ky < kh!; ky++) {
    for (let kx = 0; kx < kw!; kx++) {
      const begin = [0, 0, ky * dilations[0], kx * dilations[1]];
      const product = frame.scope((inner) => {
        const seen = sliceOf(inner, byChannel, begin, step, [cin!, n, ho, wo]);
        const a = inner.reshape(seen, [1, cin!, pixels]);
        return inner.call('BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
      });
      products.push(product);
    }
  }
  return products.length === 1 ? products[0]! : frame.call('Concat', products, { axis: 0 });
}

/** x, dy → dFilter. */
export const conv2dFilterGrad: TfKernel<RequiredKernels['conv2dFilterGrad']> = (frame, [x, dy], attributes, [out]) => {
  const { dilations, pads, strides } = attributes;
  if (!frame.runtime.has('Conv2DBackpropFilter') || dilations.some((n) => n > 1)) {
    return [filterGradByTaps(frame, padded(frame, x!.info, pads), dy!.info, attributes, out!.shape)];
  }
  const filterShape = [...out!.shape];
  const inputs = { x: x!.info, dy: dy!.info };
  if (frame.runtime.traits.padsGradients) {
    return [frame.call('Conv2DBackpropFilter', inputs, { ...windowAttributes(attributes), filterShape })];
  }
  const attrs = { ...windowAttributes({ strides, dilations, pads: [0, 0, 0, 0] }), filterShape };
  return [frame.call('Conv2DBackpropFilter', { ...inputs, x: padded(frame, x!.info, pads) }, attrs)];
};
