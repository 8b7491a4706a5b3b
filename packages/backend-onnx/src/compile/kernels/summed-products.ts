/** Products of images over their pixels, summed over the batch: what gradients of filters are made of. */
import type { Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Image } from './moved-images.ts';

/**
 * For each pair of images a·bᵀ over pixels and batch, joined along the first axis: `[pairs · channels of a, channels of b]`.
 *
 * Either every image of the batch gets its product and these are summed, or, where filters are large and images small,
 * the batch is laid out as more pixels first.
 */
export function summedProducts(l: Lowering, pairs: readonly (readonly [Image, Image])[], n: number): string {
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
