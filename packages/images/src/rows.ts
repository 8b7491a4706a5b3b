/** Images from the top down, some rows at a time, so that large ones need not lie in memory whole. */
import type { Raster, Samples } from './region.ts';

/** Where rows come from: a picture, or work that makes them when they are asked for. */
export interface RowSource<T extends Samples = Samples> {
  readonly width: number;
  readonly height: number;
  /**
   * Reads rows. What lies above `top` is not asked for again, so that it can be forgotten; one call at a time.
   *
   * @param height  Rows, all within the image.
   */
  read(top: number, height: number): Promise<Raster<T>>;
}

/** The rows of a picture in memory, without a copy. */
export function rowsOf<T extends Samples>({ data, width, height, channels }: Raster<T>): RowSource<T> {
  const line = width * channels;
  return {
    width,
    height,
    read: async (top, rows) => ({
      data: data.subarray(top * line, (top + rows) * line) as T,
      width,
      height: rows,
      channels,
    }),
  };
}
