/** Values of positions as pictures of the size of the photo, and colours for them. */
import { lab } from 'd3-color';
import type { Picture } from './session.ts';

/** Red, green, blue and how opaque, 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A grid over a picture. */
export interface Grid extends Size {
  /** Pixels of a position along each axis. */
  readonly scale: number;
  /** Where the picture begins in it, in pixels: small ones lie in the middle of a grid that is larger. */
  readonly left: number;
  readonly top: number;
}

/** The grid that a picture was coded with. */
export function gridOver(picture: Size, { width, height }: Size, scale: number): Grid {
  const start = (positions: number, pixels: number): number =>
    positions > Math.ceil(pixels / scale) ? Math.floor((positions * scale - pixels) / 2) : 0;
  return { width, height, scale, left: start(width, picture.width), top: start(height, picture.height) };
}

/** Draws each position as a square; those at the edges may be cut. */
export function drawGrid(grid: Grid, size: Size, colourOf: (position: number) => Colour): Picture {
  const { scale, left, top } = grid;
  const data = new Uint8ClampedArray(size.width * size.height * 4);
  const stride = 4 * size.width;
  for (let y = 0; y < size.height; y++) {
    if (y > 0 && (y + top) % scale > 0) {
      data.copyWithin(y * stride, (y - 1) * stride, y * stride);
      continue;
    }
    const row = Math.floor((y + top) / scale) * grid.width;
    for (let x = 0, at = y * stride; x < size.width; x++, at += 4) {
      if (x > 0 && (x + left) % scale > 0) data.copyWithin(at, at - 4, at);
      else data.set(colourOf(row + Math.floor((x + left) / scale)), at);
    }
  }
  return { data, width: size.width, height: size.height, channels: 4 };
}

/**
 * A colour for every code, so that codes with close vectors have close colours: the three main axes of the codebook become
 * lightness and the two hues of CIELAB.
 *
 * @param vectors  `[K, D]`.
 */
export function coloursOf(vectors: Float32Array, dimension: number): Colour[] {
  const axes = mainAxes(vectors, dimension, 3);
  const count = vectors.length / dimension;
  const spread = axes.map((values) => 2.2 * Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / count));
  return Array.from({ length: count }, (_, code) => {
    const [l, a, b] = axes.map((values, axis) => values[code]! / (spread[axis] || 1)) as [number, number, number];
    return colourOf(58 + 38 * l, 62 * a, 62 * b);
  });
}

function colourOf(l: number, a: number, b: number): Colour {
  const { r, g, b: blue } = lab(l, a, b).rgb();
  return [r, g, blue, 255];
}

/** Coordinates on the axes of largest variance, by power iteration; each list has one number per vector. */
function mainAxes(vectors: Float32Array, dimension: number, wanted: number): Float64Array[] {
  const count = vectors.length / dimension;
  const rest = Float64Array.from(vectors);
  for (let d = 0; d < dimension; d++) {
    let mean = 0;
    for (let i = d; i < rest.length; i += dimension) mean += rest[i]! / count;
    for (let i = d; i < rest.length; i += dimension) rest[i]! -= mean;
  }
  return Array.from({ length: wanted }, (_, which) => {
    const axis = Float64Array.from({ length: dimension }, (_, d) => Math.cos(1 + which + 2 * d));
    const along = new Float64Array(count);
    for (let round = 0; round < 40; round++) {
      project(rest, axis, along);
      axis.fill(0);
      for (let i = 0; i < rest.length; i++) axis[i % dimension]! += along[Math.floor(i / dimension)]! * rest[i]!;
      const length = Math.hypot(...axis) || 1;
      for (let d = 0; d < dimension; d++) axis[d]! /= length;
    }
    project(rest, axis, along);
    for (let i = 0; i < rest.length; i++) rest[i]! -= along[Math.floor(i / dimension)]! * axis[i % dimension]!;
    return along;
  });
}

function project(rows: Float64Array, axis: Float64Array, along: Float64Array): void {
  along.fill(0);
  for (let i = 0; i < rows.length; i++) along[Math.floor(i / axis.length)]! += rows[i]! * axis[i % axis.length]!;
}

/** From dark blue by violet and orange to pale yellow, evenly lighter: 0 to 1. */
export function heat(share: number): Colour {
  const t = Math.min(1, Math.max(0, share));
  return colourOf(8 + 86 * t, 58 * Math.sin(Math.PI * t), 72 * t - 60 * (1 - t) * Math.sin(Math.PI * t));
}
