/** Maximum and average pooling. */
import type { Pool2dAttributes } from '../backend/kernels.ts';
import { ValueError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDTypes, checkRank } from './broadcast-shapes.ts';
import { type Conv2dOptions, windowAttributes, windowOutput } from './conv2d.ts';
import { defineOp, type Op } from './define-op.ts';

const pool2dOp: Op<Pool2dAttributes> = defineOp<Pool2dAttributes>({
  name: 'pool2d',
  infer: ([x], { size, strides, pads }) => {
    checkDTypes('pool2d', [x!], ['f32']);
    checkRank('pool2d', 'an image [N, H, W, C]', x!, 4);
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    return [{ shape: [n, ...windowOutput([h, w], size, { strides, pads, dilations: [1, 1] }), c], dtype: 'f32' }];
  },
  gradient: ({ inputs: [x], gradients: [dy], attributes }) => [pool2dGradOp([x!, dy!], attributes)[0]],
});

const pool2dGradOp: Op<Pool2dAttributes> = defineOp<Pool2dAttributes>({
  name: 'pool2dGrad',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'f32' }],
  // Average pooling is linear, so its gradient can be differentiated again; that of max pooling is not claimed.
  gradient: ({ gradients: [d], attributes, needed }) => [
    undefined,
    needed[1] && attributes.op === 'avg' ? pool2dOp([d!], attributes)[0] : undefined,
  ],
});

/** Window of a pooling. */
export interface Pool2dOptions extends Omit<Conv2dOptions, 'dilations'> {
  /** Height and width of the window. */
  readonly size: number | readonly [number, number];
}

function pool(op: 'max' | 'avg', x: Tensor, { size, ...options }: Pool2dOptions): Tensor {
  const window = typeof size === 'number' ? ([size, size] as const) : size;
  const image = [x.shape[1] ?? 0, x.shape[2] ?? 0] as const;
  const { strides, pads } = windowAttributes(image, window, { strides: window, pads: 'valid', ...options });
  if (pads[0] >= window[0] || pads[2] >= window[0] || pads[1] >= window[1] || pads[3] >= window[1]) {
    throw new ValueError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `${op}Pool: expected pads smaller than the window [${window}], got [${pads}]`,
      fix: 'Every window must hold at least one pixel',
    });
  }
  return pool2dOp([x], { op, size: window, strides, pads })[0]!;
}

/**
 * Largest value of each window; pads are ignored.
 *
 * @param x  f32 `[N, H, W, C]`. Strides default to the window, pads to `'valid'`.
 * @returns f32 `[N, Ho, Wo, C]`.
 */
export function maxPool(x: Tensor, options: Pool2dOptions): Tensor {
  return pool('max', x, options);
}

/** Mean of each window; pads count as zeros. Shapes as `maxPool`. */
export function avgPool(x: Tensor, options: Pool2dOptions): Tensor {
  return pool('avg', x, options);
}
