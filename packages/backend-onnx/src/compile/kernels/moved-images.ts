/** Images by name, moved by whole pixels and stacked as channels. */
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';
import { imageOrder } from './convolve.ts';

/** An image `[N, C, H, W]` by name, with its sizes. */
export interface Image {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The image of an operand `[N, H, W, C]`. */
export function imageOf(x: Operand): Image {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return { name: x.name(imageOrder), channels, height, width };
}

/** Moves an image: row and column 0 of the result are `top` and `left` of the image; zeros outside. */
export function moved({ g }: Lowering, image: Image, top: number, left: number, height: number, width: number): Image {
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

/** Images of one size as one with all their channels. */
export function stacked({ g }: Lowering, images: readonly Image[]): Image {
  const [first] = images as [Image];
  if (images.length === 1) return first;
  const name = g.op(
    'Concat',
    images.map((image) => image.name),
    { axis: { int: 1 } },
  );
  return { ...first, name, channels: first.channels * images.length };
}
