/** Steps on images in the engine's blocked layout, where they differ from those on plain ones. */
import type { Shape } from '@vqkit/core';
import { affine, blockedDomain, blockedOrder, imageShape } from '../blocked.ts';
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';

/** a + factor·b + shift of two blocked images. @param shape  That with split channels. */
export function blockedSum(l: Lowering, a: string, b: string, shape: Shape, factor = 1, shift = 0): string {
  const [n, , , c] = imageShape(shape);
  const scale = l.g.filled(factor, n * c);
  return affine(l.g, b, shape, shift === 0 ? { scale, sum: a } : { scale, shift: l.g.filled(shift, n * c), sum: a });
}

/** Sums of an image over its pixels: `[N, C]`. */
export function planeSums(l: Lowering, x: Operand): string {
  const blocks = x.blocks()!;
  return planeSumsOf(l, blocks.name(blockedOrder), blocks.shape);
}

/** The same for a blocked image by name. @param shape  That with split channels. */
export function planeSumsOf({ g }: Lowering, name: string, shape: Shape): string {
  const [n, h, w, c] = imageShape(shape);
  const block = shape[4]!;
  const rows = g.op('Reshape', [name, g.ints([(n * c) / block, h * w, block])]);
  return g.op('Reshape', [g.op('ReduceSum', [rows, g.ints([1])]), g.ints([n, c])]);
}

/**
 * Sums over pixels of the products of two blocked images, `[N, C]`. To the engine a depthwise convolution whose filters
 * are as large as its images, here the rows of every plane; the products are never stored.
 *
 * @param shape  That with split channels.
 */
export function planeProductsOf({ g }: Lowering, a: string, b: string, shape: Shape): string {
  const [n, h, w, c] = imageShape(shape);
  const block = shape[4]!;
  const rows = n * c * h;
  const inputs = [g.op('Reshape', [a, g.ints([1, rows, 1, w])]), g.op('Reshape', [b, g.ints([rows, 1, 1, w])])];
  const attributes = { group: { int: rows }, kernel_shape: { ints: [1, w] } };
  const products = g.op('Conv', inputs, attributes, blockedDomain);
  const perRow = g.op('Reshape', [products, g.ints([(n * c) / block, h, block])]);
  return g.op('Reshape', [g.op('ReduceSum', [perRow, g.ints([1])]), g.ints([n, c])]);
}
