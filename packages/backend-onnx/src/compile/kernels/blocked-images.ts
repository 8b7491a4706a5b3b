/** Steps on images in the engine's blocked layout, where they differ from those on plain ones. */
import type { Shape } from '@vqkit/core';
import type { GraphBuilder } from '../../model/builder.ts';
import { affine, blockedDomain, blockedOrder, imageShape } from '../blocked.ts';
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';

/** a + factor·b + shift of two blocked images. @param shape  That with split channels. */
export function blockedSum(l: Lowering, a: string, b: string, shape: Shape, factor = 1, shift = 0): string {
  const { g, planeSums } = l;
  const [n, h, w, c] = imageShape(shape);
  const scale = g.filled(factor, n * c);
  const shifts = shift === 0 ? {} : { shift: g.filled(shift, n * c) };
  const sum = affine(g, b, shape, { scale, ...shifts, sum: a });
  // At most one of the two is looked at for that, so it never takes longer.
  if (planeSums.has(a) || planeSums.has(b)) {
    planeSums.set(sum, () => {
      const [sumsA, sumsB] = [a, b].map((image) => planeSumsOf(l, image, shape)) as [string, string];
      const all = g.op('Add', [sumsA, g.op('Mul', [sumsB, g.scalar(factor, 'float')])]);
      return shift === 0 ? all : g.op('Add', [all, g.scalar(shift * h * w, 'float')]);
    });
  }
  return sum;
}

/** Sums of an image over its pixels: `[N, C]`. */
export function planeSums(l: Lowering, x: Operand): string {
  const blocks = x.blocks()!;
  return planeSumsOf(l, blocks.name(blockedOrder), blocks.shape);
}

/** The same for a blocked image by name. @param shape  That with split channels. */
export function planeSumsOf(l: Lowering, name: string, shape: Shape): string {
  const known = l.planeSums.get(name)?.() ?? summedPlanes(l, name, shape);
  l.planeSums.set(name, () => known);
  return known;
}

/** Means of rows, which the engine's pooling gives sooner than sums over an axis, summed. */
function summedPlanes({ g }: Lowering, name: string, shape: Shape): string {
  const [n, h, w, c] = imageShape(shape);
  const rows = g.op('Reshape', [name, g.ints([1, n * c * h, 1, w])]);
  const means = overRows(g, g.op('GlobalAveragePool', [rows], {}, blockedDomain), shape);
  return g.op('Mul', [means, g.scalar(w, 'float')]);
}

/** Sums `[N, C]` of numbers of every row. */
function overRows(g: GraphBuilder, numbers: string, shape: Shape): string {
  const [n, h, , c] = imageShape(shape);
  const block = shape[4]!;
  const perRow = g.op('Reshape', [numbers, g.ints([(n * c) / block, h, block])]);
  return g.op('Reshape', [g.op('ReduceSum', [perRow, g.ints([1])]), g.ints([n, c])]);
}

/**
 * Sums over pixels of the products of two blocked images, `[N, C]`. To the engine a depthwise convolution whose filters
 * are as large as its images, here the rows of every plane; the products are never stored.
 *
 * @param shape  That with split channels.
 */
export function planeProductsOf({ g }: Lowering, a: string, b: string, shape: Shape): string {
  const [n, h, w, c] = imageShape(shape);
  const rows = n * c * h;
  const inputs = [g.op('Reshape', [a, g.ints([1, rows, 1, w])]), g.op('Reshape', [b, g.ints([rows, 1, 1, w])])];
  const attributes = { group: { int: rows }, kernel_shape: { ints: [1, w] } };
  const products = g.op('Conv', inputs, attributes, blockedDomain);
  return overRows(g, products, shape);
}

/**
 * A blocked image moved by some columns, in `width` of them; zeros come in. To the engine a depthwise convolution with
 * a filter that is one at its far end, which its threads share, other than a copy with a margin.
 *
 * @param shape  That with split channels.
 * @param left  To the right; below zero to the left.
 */
export function movedAside({ g }: Lowering, name: string, shape: Shape, left: number, width: number): string {
  const [n, h, w, c] = imageShape(shape);
  const block = shape[4]!;
  if (left === 0 && width === w) return name;
  const size = Math.abs(left) + 1;
  const isChosen = left > 0 ? 0 : size - 1;
  const taps = Float32Array.from({ length: n * c * size }, (_, i) =>
    Math.floor(i / block) % size === isChosen ? 1 : 0,
  );
  const inputs = [g.op('Reshape', [name, g.ints([1, n * c, h, w])]), g.constant(taps, [n * c, 1, 1, size], 'float')];
  const after = Math.max(0, -left) + width - w;
  const attributes = {
    group: { int: n * c },
    kernel_shape: { ints: [1, size] },
    pads: { ints: [0, Math.max(0, left), 0, after] },
  };
  return g.op('Conv', inputs, attributes, blockedDomain);
}
