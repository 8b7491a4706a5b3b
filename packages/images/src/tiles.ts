/**
 * Tiles for large images. What a convolutional network makes of a pixel depends on its neighbourhood alone: each tile is
 * computed with a halo around the part that is kept, and the parts fit without seams. All tiles have one size, so that a
 * network is compiled once.
 */
import { eventLoopTurn } from '@vqkit/core';
import { ImageError } from './errors.ts';
import { cut, emptyLike, paste, type Raster, type Rectangle, type Samples } from './region.ts';
import { type RowSource, rowsOf } from './rows.ts';

/** Sides of a window. */
export interface TileWindow {
  readonly width: number;
  readonly height: number;
}

/** How a grid is cut. */
export interface TileOptions {
  /** The window that is computed, one number for a square. Grids of no more pixels are one tile of their own size. */
  readonly window: number | TileWindow;
  /** Context around the kept part. */
  readonly halo: number;
  /** Windows and kept parts start at multiples of this, where a network places windows of its own; it divides the halo. Default 1. */
  readonly align?: number;
}

/** One tile: what to compute, and which part of it to keep. */
export interface Tile {
  /** In the grid. */
  readonly window: Rectangle;
  /** Within the window. */
  readonly kept: Rectangle;
}

interface Span {
  readonly start: number;
  readonly size: number;
  readonly keptStart: number;
  readonly keptSize: number;
}

/** Windows along one axis, all of one size: they overlap by two halos, and the last ones are moved inside. */
function spans(length: number, window: number, { halo, align = 1 }: TileOptions): Span[] {
  if (length <= window) return [{ start: 0, size: length, keptStart: 0, keptSize: length }];
  // The last one ends where the grid does; of this size it starts at a multiple too.
  const size = length - Math.ceil((length - window) / align) * align;
  const result: Span[] = [];
  let done = 0;
  while (done < length) {
    const start = Math.min(Math.max(done - halo, 0), length - size);
    const end = start + size === length ? length : Math.floor((start + size - halo) / align) * align;
    result.push({ start, size, keptStart: done - start, keptSize: end - done });
    done = end;
  }
  return result;
}

/**
 * Cuts a grid of `height`×`width` into tiles that cover it exactly once.
 *
 * @throws ImageError `OPTIONS_INVALID` unless the window is wider than both halos, by enough to align it.
 */
export function tilesOf(height: number, width: number, options: TileOptions): Tile[] {
  const { halo, align = 1 } = options;
  const window = windowOf(options);
  const isWhole = [window.width, window.height, halo, align, halo / align].every(Number.isInteger);
  if (!isWhole || halo < 0 || align <= 0 || Math.min(window.width, window.height) <= 2 * halo + 2 * (align - 1))
    throw invalid(
      `a window wider than two halos, all whole numbers, got a window of ${window.width}×${window.height} with a halo of ${halo}, aligned to ${align}`,
    );
  if (height * width <= window.width * window.height) {
    const whole = { left: 0, top: 0, width, height };
    return [{ window: whole, kept: whole }];
  }
  return spans(height, window.height, options).flatMap((y) =>
    spans(width, window.width, options).map((x) => ({
      window: { left: x.start, top: y.start, width: x.size, height: y.size },
      kept: { left: x.keptStart, top: y.keptStart, width: x.keptSize, height: y.keptSize },
    })),
  );
}

function windowOf({ window }: Pick<TileOptions, 'window'>): TileWindow {
  return typeof window === 'number' ? { width: window, height: window } : window;
}

/**
 * The smallest window that needs no more tiles for a grid than that of the options. Tiles of it share less, so that less
 * is computed twice; but a network is compiled anew for grids of other sizes.
 */
export function evenWindow({ width, height }: TileWindow, options: TileOptions): TileWindow {
  const { halo, align = 1 } = options;
  const window = windowOf(options);
  if (width * height <= window.width * window.height) return window;
  const side = (length: number, most: number): number => {
    if (length <= most) return most;
    const count = Math.ceil((length - 2 * halo) / (most - 2 * halo));
    const even = Math.max((length + 2 * halo * (count - 1)) / count, 2 * (halo + align));
    return Math.ceil(even / align) * align;
  };
  return { width: side(width, window.width), height: side(height, window.height) };
}

/** Options of `runTiled`; `B` are the samples of the result. */
export interface TiledOptions<B extends Samples = Samples> extends TileOptions {
  /** Samples of the result for each of the image, along each axis: whole, or one over a whole number. Default 1. */
  readonly scale?: number;
  readonly signal?: AbortSignal;
  /** Called before each tile and at the end. */
  readonly onTile?: (done: number, total: number) => void;
  /** Given the kept part of each tile, and where it stands in the result. */
  readonly onPart?: (part: Raster<B>, at: { readonly left: number; readonly top: number }) => void;
}

/** What a tile becomes: `scale` times as wide and as high. */
export interface TileResult<T extends Samples> {
  readonly data: T;
  readonly channels: number;
}

/** One row of finished tiles, side by side. */
interface Band<T extends Samples> {
  /** In the result. */
  readonly top: number;
  readonly image: Raster<T>;
}

/** A function that is run on an image tile by tile: the size of the result, and the result from the top down. */
function tiled<A extends Samples, B extends Samples>(
  source: RowSource<A>,
  fn: (part: Raster<A>) => Promise<TileResult<B>>,
  { halo, align, scale = 1, signal, onTile, onPart, ...sides }: TiledOptions<B>,
): { readonly width: number; readonly height: number; bands(): AsyncGenerator<Band<B>, void> } {
  const cell = scale < 1 ? Math.round(1 / scale) : 1;
  // One over a whole number is not exact in binary.
  const isScale = scale > 0 && (scale < 1 ? Math.abs(scale * cell - 1) < 1e-9 : Number.isInteger(scale));
  const side = windowOf(sides);
  if (!isScale || [side.width, side.height, halo].some((length) => length % cell !== 0))
    throw invalid(
      `a scale that is whole or one over n, and multiples of n, got ${scale} with ${side.width}×${side.height} and ${halo}`,
    );
  const scaled = (length: number): number => (scale < 1 ? length / cell : length * scale);
  const [width, height] = [source.width, source.height].map((length) => Math.ceil(length / cell) * cell) as [
    number,
    number,
  ];
  const tiles = tilesOf(height, width, { window: side, halo, align });

  async function* bands(): AsyncGenerator<Band<B>, void> {
    let strip: Raster<A> | undefined;
    let image: Raster<B> | undefined;
    for (const [i, { window, kept }] of tiles.entries()) {
      await eventLoopTurn(signal);
      onTile?.(i, tiles.length);
      const left = window.left + kept.left;
      if (left === 0) [strip, image] = [await readRows(source, window), undefined];
      const { channels: seen } = strip!;
      const data = cut(strip!, { ...window, top: 0 });
      const made = await fn({ data, width: window.width, height: window.height, channels: seen });
      const { channels } = made;
      const tile = { ...made, width: scaled(window.width), height: scaled(window.height) };
      if (tile.data.length !== tile.width * tile.height * channels)
        throw invalid(
          `tiles of ${tile.width}×${tile.height} with ${channels} channels, got ${tile.data.length} samples`,
        );
      const part = {
        left: scaled(kept.left),
        top: scaled(kept.top),
        width: scaled(kept.width),
        height: scaled(kept.height),
      };
      const place = { left: scaled(left), top: scaled(window.top + kept.top) };
      if (tiles.length === 1) image = tile;
      const size = { width: scaled(width), height: part.height };
      image ??= { data: emptyLike(tile.data, size.width * size.height * channels), ...size, channels };
      if (image !== tile) paste(image, tile, part, { left: place.left, top: 0 });
      onPart?.({ data: cut(tile, part), width: part.width, height: part.height, channels }, place);
      if (i === tiles.length - 1) {
        signal?.throwIfAborted();
        onTile?.(tiles.length, tiles.length);
      }
      if (left + kept.width === width) yield { top: place.top, image };
    }
  }
  return { width: scaled(width), height: scaled(height), bands };
}

/** The rows of a window that are there. */
function readRows<T extends Samples>(source: RowSource<T>, { top, height }: Rectangle): Promise<Raster<T>> {
  return source.read(top, Math.min(height, source.height - top));
}

/**
 * Runs a function on an image tile by tile and puts the results together. With a scale of one over n, window and halo
 * are multiples of n, and images are filled up to whole cells by repeating their edge.
 *
 * @throws ImageError `OPTIONS_INVALID` for windows, halos and scales that do not fit, and results of another size; the
 *   signal's reason, between tiles; the event loop turns before each.
 *
 * @example
 * const upscaled = await runTiled(image, (part) => superResolution(part), { window: 256, halo: 16, scale: 4 });
 */
export async function runTiled<A extends Samples, B extends Samples>(
  image: Raster<A>,
  fn: (part: Raster<A>) => Promise<TileResult<B>>,
  options: TiledOptions<B>,
): Promise<Raster<B>> {
  const { width, height, bands } = tiled(rowsOf(image), fn, options);
  let result: Raster<B> | undefined;
  for await (const { top, image: band } of bands()) {
    const { data, channels } = band;
    if (band.height === height) result = band;
    result ??= { data: emptyLike(data, width * height * channels), width, height, channels };
    if (result !== band) result.data.set(data, top * width * channels);
  }
  return result!;
}

/**
 * The same from rows to rows: tiles are computed when their rows are asked for, and forgotten after.
 *
 * @throws ImageError as `runTiled`, reading too.
 *
 * @example
 * const large = tiledRows(rowsOf(image), (part) => superResolution(part), { window: 256, halo: 16, scale: 4 });
 * for (let top = 0; top < large.height; top += 64) file.write((await large.read(top, 64)).data);
 */
export function tiledRows<A extends Samples, B extends Samples>(
  source: RowSource<A>,
  fn: (part: Raster<A>) => Promise<TileResult<B>>,
  options: TiledOptions<B>,
): RowSource<B> {
  const { width, height, bands } = tiled(source, fn, options);
  const coming = bands();
  const held: Band<B>[] = [];
  const end = ({ top, image }: Band<B>): number => top + image.height;
  return {
    width,
    height,
    read: async (top, rows) => {
      while (held.length === 0 || end(held.at(-1)!) < top + rows) held.push((await coming.next()).value as Band<B>);
      while (end(held[0]!) <= top) held.shift();
      const { data, channels } = held[0]!.image;
      const line = width * channels;
      const row = ({ top: first, image }: Band<B>): B =>
        image.data.subarray(Math.max(top - first, 0) * line, (top + rows - first) * line) as B;
      if (held.length === 1) return { data: row(held[0]!), width, height: rows, channels };
      const joined = emptyLike(data, rows * line);
      for (const band of held) joined.set(row(band), Math.max(band.top - top, 0) * line);
      return { data: joined, width, height: rows, channels };
    },
  };
}

function invalid(expectedAndGot: string): ImageError {
  return new ImageError({
    code: 'OPTIONS_INVALID',
    message: `tiles: expected ${expectedAndGot}`,
    fix: 'Widen the window, or correct the scale',
  });
}
