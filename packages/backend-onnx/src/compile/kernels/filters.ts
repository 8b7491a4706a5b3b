/**
 * Filters on their way into the engine: logical `[kh, kw, cin, cout]`, in memory with their axes in some order, and
 * rearranged as each of the engine's operators wants them.
 */
import type { Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Operand } from '../value.ts';

/** Axes in memory: places of the window (`p`), inputs (`i`), outputs (`o`). */
type FilterOrder = 'pio' | 'poi' | 'ipo';

/** A filter by name. */
export interface Filter {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly cin: number;
  readonly cout: number;
  readonly order: FilterOrder;
}

/** The filter of an operand `[kh, kw, cin, cout]`. */
export function filterOf(operand: Operand): Filter {
  const [kh, kw, cin, cout] = operand.shape as [number, number, number, number];
  const name = operand.view([kh * kw, cin, cout]).name();
  return { name, size: [kh, kw], cin, cout, order: 'pio' };
}

/**
 * The filter of a convolution that carries gradients back: some of its rows and columns (by default all, from the last
 * to the first, which turns it by 180 degrees), inputs and outputs swapped.
 */
export function turnedFilter(
  l: Lowering,
  { name, size, cin, cout }: Filter,
  rows: readonly number[] = backwards(size[0]),
  columns: readonly number[] = backwards(size[1]),
): Filter {
  const places = size[0] * size[1];
  const swapped = { size: [rows.length, columns.length], cin: cout, cout: cin } as const;
  if (places === 1) return { ...swapped, name, order: 'poi' };
  const matrix = transposed(l, name, [places * cin, cout], [1, 0]);
  const chosen = l.g.ints(rows.flatMap((row) => columns.map((column) => row * size[1] + column)));
  const whole = l.g.op('Reshape', [matrix, l.g.ints([cout, places, cin])]);
  return { ...swapped, name: l.g.op('Gather', [whole, chosen], { axis: { int: 1 } }), order: 'ipo' };
}

function backwards(length: number): number[] {
  return Array.from({ length }, (_, i) => length - 1 - i);
}

/** As ONNX convolutions want it: `[cout, cin, kh, kw]`. */
export function plainFilter(l: Lowering, filter: Filter): string {
  const { size, cin, cout } = filter;
  return l.g.op('Reshape', [
    rearranged(l, filter.name, filter.order, 'oip', sizesOf(filter)),
    l.g.ints([cout, cin, ...size]),
  ]);
}

/** As a matrix that rows of pixels are multiplied with, for 1×1 filters; `[cout, cin]` where it is swapped. */
export function filterMatrix({ g }: Lowering, { name, cin, cout, order }: Filter): string {
  return g.op('Reshape', [name, g.ints(order === 'poi' ? [cout, cin] : [cin, cout])]);
}

/**
 * As blocked convolutions want it: `[O/b, I/b, kh·kw, b (in), b (out)]`, or `[O/b, I, kh·kw, b (out)]` for fewer than b
 * inputs; zeros fill up the last block of outputs.
 */
export function blockedFilter(l: Lowering, filter: Filter, block: number): string {
  const { cin, size } = filter;
  const whole = widened(l, filter, Math.ceil(filter.cout / block) * block);
  const { i, o, p } = sizesOf(whole);
  const isWhole = cin >= block;
  const from = [...whole.order].map((axis) =>
    axis === 'o' || (axis === 'i' && isWhole) ? axis.toUpperCase() + axis : axis,
  );
  const sizes = { p, O: o / block, o: block, I: i / block, i: isWhole ? block : i };
  const blocks = rearranged(l, whole.name, from.join(''), isWhole ? 'OIpio' : 'Oipo', sizes);
  return l.g.op('Reshape', [blocks, l.g.ints([whole.cout, cin, ...size])]);
}

/** Length of every axis. */
type Sizes = Readonly<Record<string, number>>;

function sizesOf({ size, cin, cout }: Filter): { readonly p: number; readonly i: number; readonly o: number } {
  return { p: size[0] * size[1], i: cin, o: cout };
}

/** Values by name with their axes, one letter each, in another order. */
export function rearranged(l: Lowering, name: string, from: string, to: string, sizes: Sizes): string {
  const dims = [...from].map((axis) => sizes[axis]!);
  const perm = [...to].map((axis) => from.indexOf(axis));
  return transposed(l, name, dims, perm);
}

/** The filter with more outputs, which are zero. */
function widened({ g }: Lowering, filter: Filter, cout: number): Filter {
  if (cout === filter.cout) return filter;
  const sizes: Sizes = sizesOf(filter);
  const whole = g.op('Reshape', [filter.name, g.ints([...filter.order].map((axis) => sizes[axis]!))]);
  const pads = [0, 0, 0, ...[...filter.order].map((axis) => (axis === 'o' ? cout - filter.cout : 0))];
  return { ...filter, cout, name: g.op('Pad', [whole, g.ints(pads), g.scalar(0, 'float')]) };
}
