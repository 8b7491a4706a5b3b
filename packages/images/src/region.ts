/** Cutting rectangles out of images and putting them back: what padding and tiling need. */
import type { InputImage } from './image.ts';

/** A rectangle in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Kinds of lists that regions are cut from. */
export type Samples = Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** An image, or features, with a stated number of channels: what functions return. */
export interface Raster<T extends Samples = Uint8Array> extends InputImage<T> {
  readonly channels: number;
}

/** A list of zeros of the same kind; for a `Buffer` of Node, which only its own functions may make, a `Uint8Array`. */
export function emptyLike<T extends Samples>(data: T, length: number): T {
  const Kind = (data instanceof Uint8Array ? Uint8Array : data.constructor) as unknown as { new (length: number): T };
  return new Kind(length);
}

/** Copies a rectangle that may reach over the right and bottom edges; pixels outside repeat the nearest one inside. */
export function cut<T extends Samples>(raster: Raster<T>, { left, top, width, height }: Rectangle): T {
  const { data, channels } = raster;
  const out = emptyLike(data, width * height * channels);
  const inside = Math.min(width, raster.width - left);
  for (let y = 0; y < height; y++) {
    const line = (Math.min(top + y, raster.height - 1) * raster.width + left) * channels;
    const to = y * width * channels;
    out.set(data.subarray(line, line + inside * channels), to);
    const last = line + (inside - 1) * channels;
    for (let x = inside; x < width; x++) out.set(data.subarray(last, last + channels), to + x * channels);
  }
  return out;
}

/** Copies part of a tile into a raster: the rectangle `part` of the tile goes to (`left`, `top`); what falls outside is dropped. */
export function paste<T extends Samples>(
  target: Raster<T>,
  tile: Raster<T>,
  part: Rectangle,
  { left, top }: { readonly left: number; readonly top: number },
): void {
  const { channels } = target;
  const width = Math.min(part.width, target.width - left);
  const height = Math.min(part.height, target.height - top);
  for (let y = 0; y < height; y++) {
    const from = ((part.top + y) * tile.width + part.left) * channels;
    target.data.set(tile.data.subarray(from, from + width * channels), ((top + y) * target.width + left) * channels);
  }
}

/**
 * Copies a rectangle that may reach over all edges; outside goes on as the inside in a mirror, edge pixels twice.
 */
export function spreadMirrored<T extends Samples>(raster: Raster<T>, rectangle: Rectangle): Raster<T> {
  return spread(raster, rectangle, mirrored);
}

/** Copies a rectangle that may reach over all edges; pixels outside repeat the nearest one inside. */
export function spreadRepeated<T extends Samples>(raster: Raster<T>, rectangle: Rectangle): Raster<T> {
  return spread(raster, rectangle, (i, length) => Math.min(Math.max(i, 0), length - 1));
}

/** @param inside  The place along an axis that stands for one outside. */
function spread<T extends Samples>(
  raster: Raster<T>,
  { left, top, width, height }: Rectangle,
  inside: (i: number, length: number) => number,
): Raster<T> {
  const { data, channels } = raster;
  const out = emptyLike(data, width * height * channels);
  for (let y = 0; y < height; y++) {
    const line = inside(top + y, raster.height) * raster.width;
    for (let x = 0; x < width; x++) {
      const from = (line + inside(left + x, raster.width)) * channels;
      out.set(data.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { data: out, width, height, channels };
}

function mirrored(i: number, length: number): number {
  const at = ((i % (2 * length)) + 2 * length) % (2 * length);
  return at < length ? at : 2 * length - 1 - at;
}
