/**
 * Pictures of which the networks would see more border than picture. They are coded in the middle of a canvas that repeats
 * their edges, of at least 4×4 positions: zeros around a grid of one or two positions pull every colour towards grey. The
 * file says how large its grid is, so small files that were made without a canvas decode as they did.
 */
import { cut, type Raster, spreadRepeated } from '@vqkit/images';
import type { Header } from './bitstream/index.ts';
import { CodecError } from './errors.ts';

/** Width and height, in pixels or positions. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Positions along an axis from which the borders are far enough away. */
const fewest = 4;

/** Largest canvas in positions; strips that would need more are left as they are, since each position costs bytes. */
const most = 64;

/** The grid that just covers a picture. */
function coveringGrid({ width, height }: Size, scale: number): Size {
  return { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
}

/** The grid that a picture is coded with. */
function codedGrid(picture: Size, scale: number): Size {
  const covering = coveringGrid(picture, scale);
  const canvas = { width: Math.max(covering.width, fewest), height: Math.max(covering.height, fewest) };
  return canvas.width * canvas.height <= most ? canvas : covering;
}

/** Where a picture lies in its grid, in pixels. */
function placeIn(grid: Size, picture: Size, scale: number): { readonly left: number; readonly top: number } {
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

/** The picture on what its grid shows: pixels as `cut` gives them. */
export function offCanvas(shown: Raster<Uint8ClampedArray<ArrayBuffer>>, header: Header, scale: number) {
  const { width, height, gridWidth, gridHeight } = header;
  const { left, top } = placeIn({ width: gridWidth, height: gridHeight }, header, scale);
  return cut(shown, { left, top, width, height });
}

/** The grid that just covers a picture, or that of its canvas; a file that says otherwise was not made by the model. */
export function checkGrid(header: Header, scale: number): void {
  const { width, height, gridWidth, gridHeight } = header;
  const grids = [coveringGrid(header, scale), codedGrid(header, scale)];
  if (grids.some((grid) => grid.width === gridWidth && grid.height === gridHeight)) return;
  throw new CodecError({
    code: 'MODEL_MISMATCH',
    message: `expected a grid of one position per ${scale}×${scale} pixels for ${width}×${height}, got ${gridWidth}×${gridHeight}`,
    fix: 'Decode it with the weights package that it was made with',
  });
}
