/**
 * Gradients of filters as blocked convolutions, which are faster than matrix products.
 *
 * Where pixels count as channels, dFilter[ky] = Σ over pixels of x moved by ky rows times dy is itself a convolution: dy
 * as it lies in blocks, `[N, Cout/b, pixels, b]`, is a filter `[Cout/b, 1, pixels/b, 1, b, b]` for every image, and x in
 * blocks of pixels, `[N, pixels/b, Cin, b]`, an image of one block of channels, pixels/b rows and Cin columns. Windows
 * that start whole rows of pixels apart give one row of the filter each, and the convolution's own margins are those
 * above and below the image. Moves by columns are copies of dy.
 */
import type { Conv2dAttributes } from '@vqkit/core';
import { blockedDomain, blockedOrder, imageShape } from '../blocked.ts';
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';
import { movedAside } from './blocked-images.ts';
import { rearranged } from './filters.ts';
import { type Image, moved } from './moved-images.ts';

/** Rows are filled up to whole blocks of pixels; not by more than this share, which would eat up the gain. */
const mostFilled = 1 / 4;

/** A filter so many times as large as the images it comes from is better made by one product over the batch. */
const largestFilter = 4;

/** Each value is one running sum over the pixels of an image; with more of them float32 would lose what products keep. */
const mostPixels = 128 * 128;

/** Width of rows in whole blocks of pixels; undefined where that is too much or there are no blocks. */
function filledWidth(width: number, block: number): number | undefined {
  if (block === 0) return undefined;
  const filled = Math.ceil(width / block) * block;
  return filled <= width * (1 + mostFilled) ? filled : undefined;
}

/**
 * A filter's gradient, without strides.
 *
 * @param shape  Of the filter, `[kh, kw, Cin, Cout]`.
 * @returns Its name, row-major; undefined where the sizes do not fit.
 */
export function rowConvolutions(
  l: Lowering,
  shape: readonly number[],
  image: Image,
  dy: Operand,
  { pads, dilations }: Pick<Conv2dAttributes, 'pads' | 'dilations'>,
): string | undefined {
  const { g } = l;
  const block = l.dialect.blockSize;
  const [kh, kw, cin, cout] = shape as [number, number, number, number];
  const blocks = dy.blocks();
  const width = filledWidth(image.width, block);
  if (blocks === undefined || width === undefined || cin < block) return undefined;
  const [n, rows, columns] = imageShape(blocks.shape);
  const isTooLarge = columns > width || rows * width > mostPixels;
  // Threads share images: for a single one products are faster.
  if (n === 1 || isTooLarge || kh * kw * cin * cout > largestFilter * (cin + cout) * rows * columns) return undefined;
  const perRow = width / block;
  const pixels = moved(l, image, 0, 0, image.height, width);
  const lines = g.op('Reshape', [pixels.name, g.ints([n, 1, cin, image.height * width])]);
  const pixelBlocks = g.op('ReorderInput', [lines], { channels_last: { int: 1 } }, blockedDomain);
  const planes = g.op('Reshape', [pixelBlocks, g.ints([1, n * block, image.height * perRow, cin])]);
  const below = (kh - 1) * dilations[0] + rows - image.height - pads[0];
  const attributes = {
    group: { int: n },
    kernel_shape: { ints: [rows * perRow, 1] },
    strides: { ints: [dilations[0] * perRow, 1] },
    pads: { ints: [pads[0] * perRow, 0, below * perRow, 0] },
  };
  const gradient = blocks.name(blockedOrder);
  const sums = Array.from({ length: kw }, (_, kx) => {
    const filters = movedAside(l, gradient, blocks.shape, kx * dilations[1] - pads[1], width);
    const filter = g.op('Reshape', [filters, g.ints([n * cout, block, rows * perRow, 1])]);
    const perImage = g.op('Conv', [planes, filter], attributes, blockedDomain);
    return g.op('Reshape', [perImage, g.ints([1, n, kh * cin * cout])]);
  });
  const all = sums.length === 1 ? sums[0]! : g.op('Concat', sums, { axis: { int: 0 } });
  return rearranged(l, g.op('ReduceSum', [all, g.ints([1])]), 'xOyio', 'yxiOo', {
    x: kw,
    O: cout / block,
    y: kh,
    i: cin,
    o: block,
  });
}
