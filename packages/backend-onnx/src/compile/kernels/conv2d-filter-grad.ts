/**
 * `conv2dFilterGrad`: dFilter[ky, kx] = Σ over pixels of x moved by (ky, kx) times dy. Blocked convolutions where sizes
 * fit, else matrix products; both take a half to a quarter of the time of a convolution with swapped axes.
 *
 * Products with stride 1: moving one side is as good as moving the other back, so the three or so columns of a filter
 * are moved on the narrower side, stacked as channels where these are few, and the rows on whichever side has fewer
 * channels by then: larger products, fewer copies. Where the window jumps, pixels at the same place of every stride
 * become channels of their own (space to depth), on which the same window does not jump.
 */
import type { Conv2dAttributes, GraphView } from '@vqkit/core';
import type { AxisOrder } from '../axes.ts';
import type { Lower, Lowering, Pair } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Operand, Value } from '../value.ts';
import { rowConvolutions } from './filter-grad-rows.ts';
import { rearranged } from './filters.ts';
import { type Image, imageOf, moved, stacked } from './moved-images.ts';
import { summedProducts } from './summed-products.ts';

/** Up to so many channels a product gains from more of them; beyond, stacking them costs more. */
const mostStacked = 64;

/** Lowers `conv2dFilterGrad`. */
export const lowerConv2dFilterGrad: Lower<Conv2dAttributes, Pair> = (l, [x, dy], window, [view]) => {
  if (x.size === 0 || dy.size === 0) return l.splat(view, 0);
  if (!window.strides.every((s) => s === 1)) return stridedProducts(l, view, x, dy, window);
  const { name, order } = movedProducts(l, view.shape, imageOf(x), dy, window);
  return l.result(view, l.g.op('Reshape', [name, l.g.ints(order.map((axis) => view.shape[axis]!))]), { order });
};

/** A filter's gradient by name, with its axes `[kh, kw, cin, cout]` in some order. */
interface FilterGradient {
  readonly name: string;
  readonly order: AxisOrder;
}

/** Without strides. */
function movedProducts(
  l: Lowering,
  shape: readonly number[],
  image: Image,
  dy: Operand,
  window: Pick<Conv2dAttributes, 'pads' | 'dilations'>,
): FilterGradient {
  const convolved = rowConvolutions(l, shape, image, dy, window);
  if (convolved !== undefined) return { name: convolved, order: [0, 1, 2, 3] };
  const [kh, kw, cin, cout] = shape as [number, number, number, number];
  const { pads, dilations } = window;
  const gradient = imageOf(dy);
  const n = dy.shape[0]!;
  const isInputStacked = cin <= cout;
  const columns = Array.from({ length: kw }, (_, kx) => kx * dilations[1] - pads[1]);
  const narrow = columns.map((left) =>
    isInputStacked
      ? moved(l, image, 0, left, image.height, gradient.width)
      : moved(l, gradient, 0, -left, gradient.height, image.width),
  );
  const stacks = narrow[0]!.channels < mostStacked ? [stacked(l, narrow)] : narrow;
  const [{ channels, height: rows, width }] = stacks as [Image];
  const other = isInputStacked ? gradient : image;
  const isStackMovedDown = channels * stacks.length < other.channels;
  // Rows of the input meet rows of the gradient: one side is moved, over the rows that the other has.
  const isInputMovedDown = isStackMovedDown === isInputStacked;
  const height = isStackMovedDown ? other.height : rows;
  const tops = Array.from({ length: kh }, (_, ky) => (ky * dilations[0] - pads[0]) * (isInputMovedDown ? 1 : -1));
  if (isStackMovedDown && stacks.length === 1 && channels * kh <= mostStacked) {
    // Few channels: all places of the filter become one product.
    const all = stacked(
      l,
      tops.map((top) => moved(l, stacks[0]!, top, 0, height, width)),
    );
    const name = summedProducts(l, [isInputStacked ? [all, other] : [other, all]], n);
    return { name, order: isInputStacked ? [0, 1, 2, 3] : [2, 0, 1, 3] };
  }
  const pairs = tops.flatMap((top) => {
    const b = isStackMovedDown ? other : moved(l, other, top, 0, height, other.width);
    return stacks.map((stack): readonly [Image, Image] => {
      const a = isStackMovedDown ? moved(l, stack, top, 0, height, width) : stack;
      return isInputStacked ? [a, b] : [b, a];
    });
  });
  const isColumnLast = stacks.length === 1 && !isInputStacked;
  return { name: summedProducts(l, pairs, n), order: isColumnLast ? [0, 2, 1, 3] : [0, 1, 2, 3] };
}

/** With strides. */
function stridedProducts(l: Lowering, view: GraphView, x: Operand, dy: Operand, window: Conv2dAttributes): Value {
  const [kh, kw, cin, cout] = view.shape as [number, number, number, number];
  const { g } = l;
  const { strides, pads, dilations } = window;
  const [sy, sx] = strides;
  const n = x.shape[0]!;
  const image = imageOf(x);
  const [reachY, reachX] = [(kh - 1) * dilations[0], (kw - 1) * dilations[1]];
  const [rows, columns] = [Math.floor(reachY / sy) + 1, Math.floor(reachX / sx) + 1];
  const [height, width] = [dy.shape[1]! + rows - 1, dy.shape[2]! + columns - 1];
  const padded = moved(l, image, -pads[0], -pads[1], height * sy, width * sx);
  const channels = sy * sx * cin;
  const phases = transposed(l, padded.name, [n, cin, height, sy, width, sx], [0, 3, 5, 1, 2, 4]);
  const split: Image = {
    name: g.op('Reshape', [phases, g.ints([n, channels, height, width])]),
    channels,
    height,
    width,
  };
  const still = { pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
  const { name, order } = movedProducts(l, [rows, columns, channels, cout], split, dy, still);
  // Rows r of strides y, columns c of strides x.
  const from = order.map((axis) => ['r', 'c', 'yxi', 'o'][axis]).join('');
  const whole = rearranged(l, name, from, 'rycxio', { r: rows, y: sy, c: columns, x: sx, i: cin, o: cout });
  const places = g.op('Reshape', [whole, g.ints([rows * sy, columns * sx, cin, cout])]);
  const inRows = chosen(l, places, 0, kh, dilations[0], rows * sy);
  return l.result(view, chosen(l, inRows, 1, kw, dilations[1], columns * sx));
}

/** The places that a filter has, of all that the window reaches. */
function chosen({ g }: Lowering, name: string, axis: number, size: number, dilation: number, reach: number): string {
  if (size === reach) return name;
  const places = g.ints(Array.from({ length: size }, (_, i) => i * dilation));
  return g.op('Gather', [name, places], { axis: { int: axis } });
}
