/**
 * Tiles for large images, in latent positions. The networks are convolutions, so what a position becomes depends on its
 * neighbourhood alone: each tile is computed with a halo around the part that is kept, and the parts fit without seams.
 * All tiles have one size, so that the network is compiled once.
 */
import type { Rectangle } from './region.ts';

/** How a grid is cut. Sizes in latent positions. */
export interface TileOptions {
  /** Side of the window that is computed. Grids no larger than window² are one tile of their own size. */
  readonly window: number;
  /** Positions around the kept part that only give context. */
  readonly halo: number;
}

/** One tile: what to compute, and which part of it to keep. */
export interface Tile {
  /** In the grid. */
  readonly window: Rectangle;
  /** Within the window. */
  readonly kept: Rectangle;
}

/** 1280² pixels at 1/16 scale; 8 positions (128 pixels) on each side are context. */
const defaultTiles: TileOptions = { window: 80, halo: 8 };

interface Span {
  readonly start: number;
  readonly size: number;
  readonly keptStart: number;
  readonly keptSize: number;
}

/** Windows along one axis: they overlap by two halos, and the last ones are moved inside. */
function spans(length: number, window: number, halo: number): Span[] {
  if (length <= window) return [{ start: 0, size: length, keptStart: 0, keptSize: length }];
  const result: Span[] = [];
  let done = 0;
  while (done < length) {
    const start = Math.min(Math.max(done - halo, 0), length - window);
    const end = start + window === length ? length : start + window - halo;
    result.push({ start, size: window, keptStart: done - start, keptSize: end - done });
    done = end;
  }
  return result;
}

/** Cuts a grid of `height`×`width` positions into tiles that cover it exactly once. */
export function tilesOf(height: number, width: number, { window, halo }: TileOptions = defaultTiles): Tile[] {
  if (height * width <= window * window) {
    const whole = { left: 0, top: 0, width, height };
    return [{ window: whole, kept: whole }];
  }
  return spans(height, window, halo).flatMap((y) =>
    spans(width, window, halo).map((x) => ({
      window: { left: x.start, top: y.start, width: x.size, height: y.size },
      kept: { left: x.keptStart, top: y.keptStart, width: x.keptSize, height: y.keptSize },
    })),
  );
}
