/**
 * `conv2dFilterGrad` as matrix products, which on a CPU is two to four times as fast as a convolution with swapped
 * axes: dFilter[ky, kx] = Σ over pixels of x moved by (ky, kx) times dy.
 *
 * With stride 1 moving one side is as good as moving the other back, so the three or so columns of a filter are moved
 * on the narrower side and stacked as channels, and the rows on whichever side has fewer channels by then: larger
 * products, fewer copies.
 */
import type { Conv2dAttributes, GraphNode } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Operand, Value } from '../value.ts';
import { imageOrder } from './convolve.ts';

/** Up to so many channels a product gains from more of them; beyond, stacking them costs more. */
const mostStacked = 64;

/** Lowers `conv2dFilterGrad`. */
export function lowerConv2dFilterGrad(l: Lowering, node: GraphNode): Value {
  const window = node.attributes as unknown as Conv2dAttributes;
  const [x, dy] = l.takeAll(node) as [Operand, Operand];
  const view = node.outputs[0]!;
  if (x.size === 0 || dy.size === 0) return l.splat(view, 0);
  const isPlain = window.strides.every((s) => s === 1);
  return isPlain ? movedProducts(l, view, x, dy, window) : slicedProducts(l, view, x, dy, window);
}

type View = GraphNode['outputs'][number];

/** An image `[N, C, H, W]` by name, with its sizes. */
interface Image {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

function imageOf(x: Operand): Image {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return { name: x.name(imageOrder), channels, height, width };
}

/** Moves an image: row and column 0 of the result are `top` and `left` of the image; zeros outside. */
function moved({ g }: Lowering, image: Image, top: number, left: number, height: number, width: number): Image {
  const { channels } = image;
  const below = height + top - image.height;
  const after = width + left - image.width;
  if (top === 0 && left === 0 && below === 0 && after === 0) return image;
  const zero = g.scalar(0, 'float');
  if (left !== 0 || after !== 0) {
    const pads = g.ints([0, 0, -top, -left, 0, 0, below, after]);
    return { name: g.op('Pad', [image.name, pads, zero]), channels, height, width };
  }
  // Whole rows move: as one axis of pixels that is twice as fast.
  const rows = g.op('Reshape', [image.name, g.ints([0, channels, image.height * width])]);
  const padded = g.op('Pad', [rows, g.ints([0, 0, -top * width, 0, 0, below * width]), zero]);
  return { name: g.op('Reshape', [padded, g.ints([0, channels, height, width])]), channels, height, width };
}

function movedProducts(l: Lowering, view: View, x: Operand, dy: Operand, window: Conv2dAttributes): Value {
  const [kh, kw, cin, cout] = view.shape as [number, number, number, number];
  const { pads, dilations } = window;
  const n = x.shape[0]!;
  const [image, gradient] = [imageOf(x), imageOf(dy)];
  const isInputStacked = cin <= cout;
  const columns = Array.from({ length: kw }, (_, kx) => kx * dilations[1] - pads[1]);
  const stack = isInputStacked
    ? stacked(
        l,
        columns.map((left) => moved(l, image, 0, left, image.height, gradient.width)),
      )
    : stacked(
        l,
        columns.map((left) => moved(l, gradient, 0, -left, gradient.height, image.width)),
      );
  const other = isInputStacked ? gradient : image;
  const isStackMovedDown = stack.channels < other.channels;
  // Rows of the input meet rows of the gradient: one side is moved, over the rows that the other has.
  const isInputMovedDown = isStackMovedDown === isInputStacked;
  const height = isStackMovedDown ? other.height : stack.height;
  const tops = Array.from({ length: kh }, (_, ky) => (ky * dilations[0] - pads[0]) * (isInputMovedDown ? 1 : -1));
  if (isStackMovedDown && stack.channels * kh <= mostStacked) {
    // Few channels: all places of the filter become one product.
    const rows = stacked(
      l,
      tops.map((top) => moved(l, stack, top, 0, height, stack.width)),
    );
    const name = summedProducts(l, [isInputStacked ? [rows, other] : [other, rows]], n);
    return placed(l, view, name, isInputStacked ? [0, 1, 2, 3] : [2, 0, 1, 3]);
  }
  const pairs = tops.map((top): readonly [Image, Image] => {
    const a = isStackMovedDown ? moved(l, stack, top, 0, height, stack.width) : stack;
    const b = isStackMovedDown ? other : moved(l, other, top, 0, height, other.width);
    return isInputStacked ? [a, b] : [b, a];
  });
  return placed(l, view, summedProducts(l, pairs, n), isInputStacked ? [0, 1, 2, 3] : [0, 2, 1, 3]);
}

/** A filter's gradient whose axes lie in some order. */
function placed(l: Lowering, view: View, name: string, order: readonly number[]): Value {
  const dims = l.g.ints(order.map((axis) => view.shape[axis]!));
  return l.result(view, l.g.op('Reshape', [name, dims]), { order });
}

function stacked({ g }: Lowering, images: readonly Image[]): Image {
  const [first] = images as [Image];
  if (images.length === 1) return first;
  const name = g.op(
    'Concat',
    images.map((image) => image.name),
    { axis: { int: 1 } },
  );
  return { ...first, name, channels: first.channels * images.length };
}

/** Where the window jumps: one slice of the padded input per place in the filter. */
function slicedProducts(l: Lowering, view: View, x: Operand, dy: Operand, window: Conv2dAttributes): Value {
  const [kh, kw, cin] = view.shape as [number, number, number, number];
  const { g } = l;
  const { strides, pads, dilations } = window;
  const n = x.shape[0]!;
  const [image, gradient] = [imageOf(x), imageOf(dy)];
  const padded = moved(l, image, -pads[0], -pads[1], image.height + pads[0] + pads[2], image.width + pads[1] + pads[3]);
  const places = Array.from({ length: kh * kw }, (_, i) => [
    Math.floor(i / kw) * dilations[0],
    (i % kw) * dilations[1],
  ]);
  const pairs = places.map(([top, left]): readonly [Image, Image] => {
    const ends = [top! + (gradient.height - 1) * strides[0] + 1, left! + (gradient.width - 1) * strides[1] + 1];
    const inputs = [g.ints([top!, left!]), g.ints(ends), g.ints([2, 3]), g.ints([...strides])];
    return [{ ...gradient, name: g.op('Slice', [padded.name, ...inputs]), channels: cin }, gradient];
  });
  return l.result(view, g.op('Reshape', [summedProducts(l, pairs, n), g.ints([...view.shape])]));
}

/**
 * For each pair of images a·bᵀ over pixels and batch, joined along the first axis: `[pairs · channels of a, channels of b]`.
 *
 * Either every image of the batch gets its product and these are summed, or, where filters are large and images small,
 * the batch is laid out as more pixels first.
 */
function summedProducts(l: Lowering, pairs: readonly (readonly [Image, Image])[], n: number): string {
  const { g } = l;
  const [[a, b]] = pairs as [readonly [Image, Image]];
  const distinct = new Map(pairs.flat().map((image) => [image.name, image.channels * image.height * image.width]));
  const moves = 2 * [...distinct.values()].reduce((x, y) => x + y, 0);
  const size = a.channels * b.channels;
  // Written, joined (read and written) and read again to be summed.
  const sums = 4 * pairs.length * size;
  const isMerged = n > 1 && moves < sums;
  const products = pairs.map(([x, y]) => (isMerged ? mergedProduct(l, x, y, n) : rowProduct(l, x, y, n)));
  const all = products.length === 1 ? products[0]! : g.op('Concat', products, { axis: { int: 0 } });
  if (isMerged || n === 1) return all;
  const split = g.op('Reshape', [all, g.ints([products.length, n, size])]);
  return g.op('ReduceSum', [split, g.ints([1])], { keepdims: { int: 0 } });
}

/** a·bᵀ over the pixels of all images, `[1, channels of a, channels of b]`. */
function mergedProduct(l: Lowering, a: Image, b: Image, n: number): string {
  const merged = (image: Image): Image => {
    const pixels = image.height * image.width;
    const name = transposed(l, image.name, [n, image.channels, pixels], [1, 0, 2]);
    return { ...image, name, height: n * image.height };
  };
  return rowProduct(l, merged(a), merged(b), 1);
}

/** a·bᵀ over the pixels, `[N, channels of a, channels of b]`. */
function rowProduct({ g, dialect }: Lowering, a: Image, b: Image, n: number): string {
  const [rowsA, rowsB] = [a, b].map((image) =>
    g.op('Reshape', [image.name, g.ints([n, image.channels, image.height * image.width])]),
  ) as [string, string];
  if (dialect.contrib) return g.op('FusedMatMul', [rowsA, rowsB], { transB: { int: 1 } }, 'com.microsoft');
  return g.op('MatMul', [rowsA, g.op('Transpose', [rowsB], { perm: { ints: [0, 2, 1] } })]);
}
