/**
 * Pictures of which the networks would see more border than picture. They are coded in the middle of a canvas that repeats
 * their edges, of at least 4×4 positions: zeros around a grid of one or two positions pull every colour towards grey. The
 * file says how large its grid is, so small files that were made without a canvas decode as they did.
 */
import { type Raster, spreadRepeated } from '@vqkit/images';

/** Width and height, in pixels or positions. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Positions along an axis from which the borders are far enough away. */
const fewest = 4;

/** Largest canvas in positions; strips that would need more are left as they are, since each position costs bytes. */
const most = 64;

/** The grid that just covers a picture. */
export function coveringGrid({ width, height }: Size, scale: number): Size {
  return { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
}

/** The grid that a picture is coded with. */
export function codedGrid(picture: Size, scale: number): Size {
  const covering = coveringGrid(picture, scale);
  const canvas = { width: Math.max(covering.width, fewest), height: Math.max(covering.height, fewest) };
  return canvas.width * canvas.height <= most ? canvas : covering;
}

/** Where a picture lies in its grid, in pixels. */
export function placeIn(grid: Size, picture: Size, scale: number): { readonly left: number; readonly top: number } {
  const covering = coveringGrid(picture, scale);
  const start = (side: 'width' | 'height'): number =>
    grid[side] === covering[side] ? 0 : Math.floor((grid[side] * scale - picture[side]) / 2);
  return { left: start('width'), top: start('height') };
}

/** A picture on its canvas; the same picture where it needs none. */
export function onCanvas(picture: Raster, scale: number): Raster {
  const grid = codedGrid(picture, scale);
  const covering = coveringGrid(picture, scale);
  if (grid.width === covering.width && grid.height === covering.height) return picture;
  const { left, top } = placeIn(grid, picture, scale);
  return spreadRepeated(picture, { left: -left, top: -top, width: grid.width * scale, height: grid.height * scale });
}
