/**
 * `pool2d` and its gradient. tfjs's average leaves pads out of the count and the native runtime knows no explicit pads,
 * so the border is made first: zeros for `avg`, −∞ for `max`.
 */
import type { Pool2dAttributes, RequiredKernels } from '@vqkit/core';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo, TfAttributes } from '../runtime/tf-types.ts';
import { call2, select } from './integers.ts';
import { insertZeros, padTo, sliceOf } from './layout.ts';
import type { TfKernel } from './tf-kernel.ts';

function bordered(frame: Frame, x: TensorInfo, { op, pads }: Pool2dAttributes): TensorInfo {
  const [top, left, bottom, right] = pads;
  const value = op === 'max' ? Number.NEGATIVE_INFINITY : 0;
  return padTo(frame, x, [0, top, left, 0], [0, bottom, right, 0], value);
}

function poolAttributes({ size, strides }: Pick<Pool2dAttributes, 'size' | 'strides'>): TfAttributes {
  return { filterSize: [...size], strides: [...strides], pad: 'valid', dimRoundingMode: 'floor' };
}

/** x → pooled. */
export const pool2d: TfKernel<RequiredKernels['pool2d']> = (frame, [x], attributes) => [
  frame.call(
    attributes.op === 'max' ? 'MaxPool' : 'AvgPool',
    { x: bordered(frame, x!.info, attributes) },
    poolAttributes(attributes),
  ),
];

/**
 * Tap by tap: where the window's maximum is seen first, it takes what is left of the gradient. See `Traits.poolsToFirst`.
 */
function maxGradByTaps(frame: Frame, x: TensorInfo, dy: TensorInfo, { size, strides }: Pool2dAttributes): TensorInfo {
  const largest = frame.call('MaxPool', { x }, poolAttributes({ size, strides }));
  const [, height, width] = x.shape as [number, number, number, number];
  const none = frame.full(dy.shape, 'f32', 0);
  let rest = dy;
  let dx: TensorInfo | undefined;
  for (let ky = 0; ky < size[0]; ky++) {
    for (let kx = 0; kx < size[1]; kx++) {
      const seen = sliceOf(frame, x, [0, ky, kx, 0], [1, strides[0], strides[1], 1], dy.shape);
      const share = select(frame, call2(frame, 'Equal', seen, largest), rest, none);
      rest = call2(frame, 'Sub', rest, share);
      const apart = insertZeros(frame, share, [strides[0] - 1, strides[1] - 1]);
      const below = height - ky - apart.shape[1]!;
      const right = width - kx - apart.shape[2]!;
      const placed = padTo(frame, apart, [0, ky, kx, 0], [0, below, right, 0], 0);
      dx = dx ? call2(frame, 'Add', dx, placed) : placed;
    }
  }
  return dx!;
}

function maxGrad(frame: Frame, input: TensorInfo, dy: TensorInfo, attributes: Pool2dAttributes): TensorInfo {
  if (!frame.runtime.traits.poolsToFirst) return maxGradByTaps(frame, input, dy, attributes);
  const attrs = poolAttributes(attributes);
  return frame.call('MaxPoolGrad', { dy, input, output: frame.call('MaxPool', { x: input }, attrs) }, attrs);
}

/** x, dy → dx. */
export const pool2dGrad: TfKernel<RequiredKernels['pool2dGrad']> = (frame, [x, dy], attributes, [out]) => {
  const input = bordered(frame, x!.info, attributes);
  const dx =
    attributes.op === 'max'
      ? maxGrad(frame, input, dy!.info, attributes)
      : frame.call('AvgPoolGrad', { dy: dy!.info, input }, poolAttributes(attributes));
  const [top, left] = attributes.pads;
  return [input === x!.info ? dx : sliceOf(frame, dx, [0, top, left, 0], [1, 1, 1, 1], out!.shape)];
};
