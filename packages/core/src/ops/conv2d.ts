/** Two-dimensional convolution (cross-correlation, as in every network library), its gradients, and its transpose. */
import type { Conv2dAttributes } from '../backend/kernels.ts';
import type { TensorSpec } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDTypes, checkRank } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';

/** How the window moves. Single numbers mean both axes (or all four sides). */
export interface Conv2dOptions {
  /** Default 1. */
  readonly strides?: number | readonly [number, number];
  /** `'same'` (output = ⌈input/stride⌉, the odd pixel after), `'valid'`, one number, or `[top, left, bottom, right]`. Default `'same'`. */
  readonly pads?: 'same' | 'valid' | number | readonly [number, number, number, number];
  /** Default 1. */
  readonly dilations?: number | readonly [number, number];
}

type Pair = readonly [number, number];

const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

/** @internal Explicit attributes for an image and window of these sizes. */
export function windowAttributes([height, width]: Pair, [kh, kw]: Pair, options: Conv2dOptions): Conv2dAttributes {
  const strides = pair(options.strides ?? 1);
  const dilations = pair(options.dilations ?? 1);
  const { pads = 'same' } = options;
  if (pads === 'valid') return { strides, dilations, pads: [0, 0, 0, 0] };
  if (typeof pads === 'number') return { strides, dilations, pads: [pads, pads, pads, pads] };
  if (pads !== 'same') return { strides, dilations, pads };
  const missing = (n: number, k: number, i: 0 | 1): number =>
    Math.max((Math.ceil(n / strides[i]) - 1) * strides[i] + (k - 1) * dilations[i] + 1 - n, 0);
  const [down, right] = [missing(height, kh, 0), missing(width, kw, 1)];
  return { strides, dilations, pads: [down >> 1, right >> 1, down - (down >> 1), right - (right >> 1)] };
}

/** Output height and width of a window sliding over a padded image. */
export function windowOutput(
  [height, width]: Pair,
  [kh, kw]: Pair,
  { strides, pads, dilations }: Conv2dAttributes,
): [number, number] {
  const along = (n: number, k: number, i: 0 | 1): number =>
    Math.floor((n + pads[i] + pads[i + 2]! - (k - 1) * dilations[i] - 1) / strides[i]) + 1;
  return [Math.max(along(height, kh, 0), 0), Math.max(along(width, kw, 1), 0)];
}

/** @internal Output spec of a convolution, after checking it. */
export function inferConv2d(name: string, x: TensorSpec, filter: TensorSpec, attributes: Conv2dAttributes): TensorSpec {
  checkDTypes(name, [x, filter], ['f32']);
  checkRank(name, 'an image [N, H, W, C]', x, 4);
  checkRank(name, 'a filter [kh, kw, cin, cout]', filter, 4);
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  if (c !== cin) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `${name}: expected ${cin} input channels for filter [${filter.shape}], got image [${x.shape}]`,
      fix: 'Filters are [kh, kw, cin, cout] and images [N, H, W, cin]',
    });
  }
  return { shape: [n, ...windowOutput([h, w], [kh, kw], attributes), cout], dtype: 'f32' };
}

const conv2dOp = defineOp<Conv2dAttributes>({
  name: 'conv2d',
  infer: ([x, filter], attributes) => [inferConv2d('conv2d', x!, filter!, attributes)],
  gradient: ({ inputs: [x, filter], gradients: [dy], attributes, needed }) => [
    needed[0] ? conv2dInputGrad(dy!, filter!, x!.shape, attributes) : undefined,
    needed[1] ? conv2dFilterGrad(x!, dy!, filter!.shape, attributes) : undefined,
  ],
});

type GradAttributes = Conv2dAttributes & { readonly shape: readonly number[] };

const inputGradOp = defineOp<GradAttributes>({
  name: 'conv2dInputGrad',
  infer: (_, { shape }) => [{ shape: [...shape], dtype: 'f32' }],
  gradient: ({ inputs: [dy, filter], gradients: [d], attributes, needed }) => [
    needed[0] ? conv2dOp([d!, filter!], attributes)[0] : undefined,
    needed[1] ? conv2dFilterGrad(d!, dy!, filter!.shape, attributes) : undefined,
  ],
});

const filterGradOp = defineOp<GradAttributes>({
  name: 'conv2dFilterGrad',
  infer: (_, { shape }) => [{ shape: [...shape], dtype: 'f32' }],
  gradient: ({ inputs: [x, dy], gradients: [d], attributes, needed }) => [
    needed[0] ? conv2dInputGrad(dy!, d!, x!.shape, attributes) : undefined,
    needed[1] ? conv2dOp([x!, d!], attributes)[0] : undefined,
  ],
});

/** @internal Gradient of conv2d with respect to its image. */
function conv2dInputGrad(dy: Tensor, filter: Tensor, shape: readonly number[], attributes: Conv2dAttributes): Tensor {
  const { strides, pads, dilations } = attributes;
  return inputGradOp([dy, filter], { strides, pads, dilations, shape })[0]!;
}

/** @internal Gradient of conv2d with respect to its filter. */
function conv2dFilterGrad(x: Tensor, dy: Tensor, shape: readonly number[], attributes: Conv2dAttributes): Tensor {
  const { strides, pads, dilations } = attributes;
  return filterGradOp([x, dy], { strides, pads, dilations, shape })[0]!;
}

function sizesOf(x: Tensor, filter: Tensor): [Pair, Pair] {
  return [
    [x.shape[1] ?? 0, x.shape[2] ?? 0],
    [filter.shape[0] ?? 0, filter.shape[1] ?? 0],
  ];
}

/**
 * Convolution over an image.
 *
 * @param x  f32 `[N, H, W, Cin]`.
 * @param filter  f32 `[kh, kw, Cin, Cout]`.
 * @returns f32 `[N, Ho, Wo, Cout]`.
 * @throws ShapeError `SHAPE_MISMATCH`, `RANK_MISMATCH`
 */
export function conv2d(x: Tensor, filter: Tensor, options: Conv2dOptions = {}): Tensor {
  return conv2dOp([x, filter], windowAttributes(...sizesOf(x, filter), options))[0]!;
}

/** Convolution transpose: the adjoint of a `conv2d` that maps the wanted output to `x`. */
export interface ConvTranspose2dOptions extends Omit<Conv2dOptions, 'pads'> {
  /** Pads of the convolution this is the transpose of, e.g. 1 for a 4×4 window with stride 2. Default 0. */
  readonly pads?: number | readonly [number, number, number, number];
}

/**
 * Transposed convolution: grows an image by its stride.
 *
 * @param x  f32 `[N, H, W, Cin]`.
 * @param filter  f32 `[kh, kw, Cout, Cin]`: the filter of the convolution from the result to `x`.
 * @returns f32 `[N, (H − 1)·stride + (kh − 1)·dilation + 1 − pads, …, Cout]`.
 */
export function convTranspose2d(x: Tensor, filter: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  checkRank('convTranspose2d', 'an image [N, H, W, C]', x, 4);
  checkRank('convTranspose2d', 'a filter [kh, kw, cout, cin]', filter, 4);
  const [image, window] = sizesOf(x, filter);
  const attributes = windowAttributes(image, window, { ...options, pads: options.pads ?? 0 });
  const { strides, pads, dilations } = attributes;
  const along = (i: 0 | 1): number =>
    (image[i] - 1) * strides[i] + (window[i] - 1) * dilations[i] + 1 - pads[i] - pads[i + 2]!;
  const shape = [x.shape[0]!, along(0), along(1), filter.shape[2]!];
  const back = inferConv2d('convTranspose2d', { shape, dtype: 'f32' }, filter, attributes);
  if (back.shape[3] !== x.shape[3]) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `convTranspose2d: expected ${back.shape[3]} input channels for filter [${filter.shape}], got image [${x.shape}]`,
      fix: 'Filters of a transposed convolution are [kh, kw, cout, cin]',
    });
  }
  return conv2dInputGrad(x, filter, shape, attributes);
}
