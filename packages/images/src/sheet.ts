/** Many small images on one sheet. */
import { paste, type Raster } from './region.ts';

/** How a sheet is laid out. */
export interface SheetOptions {
  /** Images in a row. Default: about as many as rows. */
  readonly columns?: number;
  /** White pixels between images and around them. Default 2. */
  readonly gap?: number;
}

/**
 * Lays images of one size and number of channels out in rows, on white.
 *
 * @param images  At least one, 8 bits.
 */
export function imageSheet<T extends Uint8Array | Uint8ClampedArray>(
  images: readonly Raster<T>[],
  { columns = Math.ceil(Math.sqrt(images.length)), gap = 2 }: SheetOptions = {},
): Raster<Uint8Array<ArrayBuffer>> {
  const { width, height, channels } = images[0]!;
  const inRow = Math.min(columns, images.length);
  const along = (count: number, side: number): number => gap + count * (side + gap);
  const size = { width: along(inRow, width), height: along(Math.ceil(images.length / inRow), height) };
  const sheet = { ...size, channels, data: new Uint8Array(size.width * size.height * channels).fill(255) };
  images.forEach((image, i) => {
    const place = { left: along(i % inRow, width), top: along(Math.floor(i / inRow), height) };
    const data = new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.length);
    paste<Uint8Array>(sheet, { ...image, data }, { left: 0, top: 0, width, height }, place);
  });
  return sheet;
}
