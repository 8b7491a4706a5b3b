/** `resize`, `pixelShuffle` and `pixelUnshuffle`, on NCHW images. */
import { type CompositeKernels, type GraphView, resizeWeights } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import type { Lower, Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Operand, Value } from '../value.ts';
import { imageOrder } from './convolve.ts';

type Sizes = [number, number, number, number];

/** Lowers `pixelShuffle`. (ONNX's DepthToSpace does the same many times slower.) */
export const lowerPixelShuffle: Lower<CompositeKernels['pixelShuffle']> = (l, [x], { factor: r }, [view]) => {
  const [n, h, w] = x.shape as Sizes;
  const c = view.shape[3]!;
  const pixels = transposed(l, x.name(imageOrder), [n * c, r, r, h, w], [0, 3, 1, 4, 2]);
  return l.result(view, l.g.op('Reshape', [pixels, l.g.ints([n, c, h * r, w * r])]), { order: imageOrder });
};

/** Lowers `pixelUnshuffle`. */
export const lowerPixelUnshuffle: Lower<CompositeKernels['pixelUnshuffle']> = (l, [x], { factor: r }, [view]) => {
  const [n, h, w] = view.shape as Sizes;
  const c = x.shape[3]!;
  const planes = transposed(l, x.name(imageOrder), [n * c, h, r, w, r], [0, 2, 4, 1, 3]);
  return l.result(view, l.g.op('Reshape', [planes, l.g.ints([n, c * r * r, h, w])]), { order: imageOrder });
};

/**
 * Lowers `resize`. Bicubic kernels and those that are widened when shrinking become products with their weights, as in
 * the default: onnxruntime rounds their taps differently.
 */
export const lowerResize: Lower<CompositeKernels['resize']> = (l, [x], { method, antialias }, [view]) => {
  const [n, h, w, c] = x.shape as Sizes;
  const [, height, width] = view.shape as Sizes;
  const isShrunk = height < h || width < w;
  const isProduct = method === 'bicubic' || (method === 'bilinear' && antialias && isShrunk);
  if (isProduct) return resizeByProducts(l, view, x, method, antialias);
  const { g } = l;
  const sizes = g.ints([n, c, height, width]);
  const name = g.op('Resize', [x.name(imageOrder), '', '', sizes], resizeAttributes(method, [h, w], [height, width]));
  return l.result(view, name, { order: imageOrder });
};

/** Every pixel repeated a whole number of times, so that an NCHW image has the dimensions `dims`. */
export function repeated({ g }: Lowering, name: string, dims: readonly number[]): string {
  return g.op('Resize', [name, '', '', g.ints([...dims])], repeatAttributes);
}

// Repeating needs no half pixels, and without them the engine is forty times as fast.
const repeatAttributes: NodeAttributes = {
  mode: { string: 'nearest' },
  coordinate_transformation_mode: { string: 'asymmetric' },
  nearest_mode: { string: 'floor' },
};

function resizeAttributes(method: string, from: readonly number[], to: readonly number[]): NodeAttributes {
  const halfPixel = { coordinate_transformation_mode: { string: 'half_pixel' } };
  if (method === 'bilinear') return { mode: { string: 'linear' }, ...halfPixel };
  const isRepeated = to.every((n, i) => n % from[i]! === 0);
  if (isRepeated) return repeatAttributes;
  return { mode: { string: 'nearest' }, nearest_mode: { string: 'round_prefer_ceil' }, ...halfPixel };
}

function resizeByProducts(
  l: Lowering,
  view: GraphView,
  x: Operand,
  method: 'bilinear' | 'bicubic',
  antialias: boolean,
): Value {
  const { g } = l;
  const [n, h, w, c] = x.shape as Sizes;
  const [, height, width] = view.shape as Sizes;
  const vertical = g.constant(resizeWeights(h, height, method, antialias), [height, h], 'float');
  const weights = resizeWeights(w, width, method, antialias);
  const horizontal = g.constant(turnedMatrix(weights, width, w), [w, width], 'float');
  const lines = g.op('Reshape', [x.name(imageOrder), g.ints([n * c * h, w])]);
  const planes = g.op('Reshape', [g.op('MatMul', [lines, horizontal]), g.ints([n * c, h, width])]);
  const name = g.op('Reshape', [g.op('MatMul', [vertical, planes]), g.ints([n, c, height, width])]);
  return l.result(view, name, { order: imageOrder });
}

function turnedMatrix(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}
