/**
 * Convolutions with filters of three rows by Winograd's algorithm: four rows of a result take six products with rows of a
 * filter instead of twelve. Columns stay as they are, so that everything is a convolution, a product or a copy of runs,
 * which the engine does well, and so that rounding costs no more than a digit.
 *
 * ```
 * x → six rows of every four, by Bᵀ → six convolutions of one row, filters by G → four rows of six, by Aᵀ → y
 * ```
 *
 * @see Lavin and Gray 2016, arXiv:1509.09308, section 4.3, F(4×4, 3×3), of which this is one direction
 */
import type { Shape } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Convolution } from './convolve.ts';
import { rearranged } from './filters.ts';

type Sizes = [number, number, number, number];

/** Rows that are made at once, and the products that they take. */
const [made, products] = [4, 6];

/** Bᵀ `[6, 6]`. */
const inputMatrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

/** G `[6, 3]`. */
const filterMatrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/** Aᵀ `[4, 6]`. */
const outputMatrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

// In multiplications of a convolution, measured with onnxruntime-web: what it takes to bring an element into and out of this form,
// and to read a weight, which counts where there are few pixels.
const [elementWork, weightWork] = [40, 13];

/** Whether a convolution can be computed this way, may be, and is faster so. */
export function isWinograd({ dialect }: Lowering, { filter, window }: Convolution, [n, h, w]: Shape): boolean {
  const { size, cin, cout } = filter;
  const { strides, dilations } = window;
  const isFit = size[0] === filterMatrix[0]!.length && dilations[0] === 1 && strides.every((s) => s === 1);
  if (!dialect.toleratesRounding || !isFit) return false;
  const weights = size[1] * cin * cout;
  const steps = n! * w! * Math.ceil(h! / made);
  const saved = weights * (3 * n! * w! * h! - products * steps);
  return saved > elementWork * made * steps * (cin + cout) + 3 * weightWork * weights;
}

/**
 * Adds the nodes of a convolution for which `isWinograd` holds, with its bias.
 *
 * @param x  Its image by name, NCHW.
 * @param shape  That of the result, logical `[N, H, W, Cout]`.
 * @returns The result by name, NCHW.
 */
export function winograd(l: Lowering, x: string, conv: Convolution, shape: Shape): string {
  const { g } = l;
  const { filter, window, bias } = conv;
  const { pads, dilations } = window;
  const { size, cin } = filter;
  const [n, height, width] = conv.x.shape as Sizes;
  const [, h, w, cout] = shape as Sizes;
  const steps = Math.ceil(h / made);
  const seen = (name: string, dims: readonly number[]): string => g.op('Reshape', [name, g.ints(dims)]);
  const matrix = (rows: readonly number[][], dims: readonly number[]): string =>
    g.constant(Float32Array.from(rows.flat()), dims, 'float');

  const windows = [seen(x, [n * cin, 1, height, width]), matrix(inputMatrix, [products, 1, products, 1])];
  const below = steps * made + 2 - height - pads[0];
  const read = g.op('Conv', windows, {
    kernel_shape: { ints: [products, 1] },
    strides: { ints: [made, 1] },
    pads: { ints: [pads[0], 0, below, 0] },
  });
  const images = transposed(l, read, [n, cin, products, steps * width], [0, 2, 1, 3]);

  const letters = { y: 3, x: size[1], i: cin, o: cout };
  const lines = rearranged(l, filter.name, filter.order.replace('p', 'yx'), 'yoix', letters);
  const filters = g.op('MatMul', [matrix(filterMatrix, [products, 3]), seen(lines, [3, cout * cin * size[1]])]);
  const inputs = [seen(images, [n, products * cin, steps, width]), seen(filters, [products * cout, cin, 1, size[1]])];
  // Of the result's rows each has the second product once, so what is added to it is added to all.
  const second = g.ints([cout, (products - 2) * cout]);
  const biases = bias ? [g.op('Pad', [bias.name(), second, g.scalar(0, 'float')])] : [];
  const sums = g.op('Conv', [...inputs, ...biases], {
    group: { int: products },
    kernel_shape: { ints: [1, size[1]] },
    dilations: { ints: [1, dilations[1]] },
    pads: { ints: [0, pads[1], 0, pads[3]] },
  });

  const values = [matrix(outputMatrix, [made, products]), seen(sums, [n, products, cout * steps * w])];
  const rows = transposed(l, g.op('MatMul', values), [n, made, cout, steps, w], [0, 2, 3, 1, 4]);
  const y = seen(rows, [n, cout, steps * made, w]);
  return steps * made === h ? y : g.op('Slice', [y, g.ints([0]), g.ints([h]), g.ints([2])]);
}
