/**
 * Training crops that are drawn: single colours, gradients, stripes, flat shapes, lines, rows of strokes like text, and
 * noise. Photographs hardly have them, but people code screenshots, drawings and logos too. Every choice comes from a
 * seeded stream; edges are antialiased by their distance.
 */
import type { Random } from '@vqkit/core';

/** Red, green and blue in [−1, 1]. */
type Colour = readonly [number, number, number];

/** A picture that is being drawn, `[size, size, 3]` in [−1, 1]. */
interface Canvas {
  readonly size: number;
  readonly pixels: Float32Array;
}

/** A shape: where it may be seen, and the signed distance of a point to its border in pixels, negative inside. */
interface Shape {
  /** Left, top, right and bottom. */
  readonly bounds: readonly [number, number, number, number];
  readonly distance: (x: number, y: number) => number;
}

/** How often each kind is drawn. */
const kinds: readonly { readonly share: number; readonly draw: (canvas: Canvas, random: Random) => void }[] = [
  { share: 0.35, draw: single },
  { share: 0.15, draw: gradient },
  { share: 0.08, draw: stripes },
  { share: 0.16, draw: shapes },
  { share: 0.1, draw: lines },
  { share: 0.12, draw: writing },
  { share: 0.04, draw: noise },
];

/**
 * Draws a training crop.
 *
 * @param size  Width and height in pixels.
 * @returns f32 `[size, size, 3]` in [−1, 1].
 */
export function drawnCrop(random: Random, size: number): Float32Array {
  const canvas = { size, pixels: new Float32Array(size * size * 3) };
  kindAt(random.next())(canvas, random);
  return canvas.pixels;
}

function kindAt(place: number): (canvas: Canvas, random: Random) => void {
  let end = 0;
  for (const { share, draw } of kinds) {
    end += share;
    if (place < end) return draw;
  }
  return single;
}

const between = (random: Random, low: number, high: number): number => low + random.next() * (high - low);

/** A pure colour, black, white, a grey, or any. */
function colour(random: Random): Colour {
  const which = random.next();
  const any = (): number => between(random, -1, 1);
  const pure = (): number => (random.next() < 0.5 ? -1 : 1);
  if (which < 0.35) return [pure(), pure(), pure()];
  if (which < 0.55) {
    const grey = any();
    return [grey, grey, grey];
  }
  return [any(), any(), any()];
}

function fill({ size, pixels }: Canvas, at: (x: number, y: number) => Colour): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) pixels.set(at(x, y), (y * size + x) * 3);
  }
}

/** Paints where the distance is below ½ pixel. */
function paint({ size, pixels }: Canvas, { bounds, distance }: Shape, ink: Colour): void {
  const [left, top, right, bottom] = bounds.map((at, i) =>
    Math.min(Math.max(i < 2 ? Math.floor(at - 1) : Math.ceil(at + 1), 0), size - 1),
  ) as [number, number, number, number];
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const cover = Math.min(Math.max(0.5 - distance(x, y), 0), 1);
      const to = (y * size + x) * 3;
      for (let c = 0; c < 3; c++) pixels[to + c]! += cover * (ink[c]! - pixels[to + c]!);
    }
  }
}

const mix = (a: Colour, b: Colour, t: number): Colour => a.map((value, c) => value + t * (b[c]! - value)) as never;

function disc(x0: number, y0: number, radius: number): Shape {
  return {
    bounds: [x0 - radius, y0 - radius, x0 + radius, y0 + radius],
    distance: (x, y) => Math.hypot(x - x0, y - y0) - radius,
  };
}

function box(x0: number, y0: number, halfWidth: number, halfHeight: number): Shape {
  return {
    bounds: [x0 - halfWidth, y0 - halfHeight, x0 + halfWidth, y0 + halfHeight],
    distance: (x, y) => Math.max(Math.abs(x - x0) - halfWidth, Math.abs(y - y0) - halfHeight),
  };
}

/** A line with round ends. */
function stroke(x0: number, y0: number, x1: number, y1: number, radius: number): Shape {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length2 = dx * dx + dy * dy || 1;
  return {
    bounds: [
      Math.min(x0, x1) - radius,
      Math.min(y0, y1) - radius,
      Math.max(x0, x1) + radius,
      Math.max(y0, y1) + radius,
    ],
    distance: (x, y) => {
      const t = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length2, 0), 1);
      return Math.hypot(x - x0 - t * dx, y - y0 - t * dy) - radius;
    },
  };
}

function single(canvas: Canvas, random: Random): void {
  const only = colour(random);
  fill(canvas, () => only);
}

function gradient(canvas: Canvas, random: Random): void {
  const [a, b, angle] = [colour(random), colour(random), between(random, 0, 2 * Math.PI)];
  const [dx, dy] = [Math.cos(angle) / canvas.size, Math.sin(angle) / canvas.size];
  const half = canvas.size / 2;
  fill(canvas, (x, y) => mix(a, b, Math.min(Math.max((x - half) * dx + (y - half) * dy + 0.5, 0), 1)));
}

/** Stripes along an axis or a slant, or a chessboard of them. */
function stripes(canvas: Canvas, random: Random): void {
  const [a, b, period] = [colour(random), colour(random), between(random, 4, 48)];
  const angle = random.next() < 0.6 ? (random.integer(2) * Math.PI) / 2 : between(random, 0, Math.PI);
  const isBoard = random.next() < 0.4;
  const wave = (t: number): number => Math.sin((t * 2 * Math.PI) / period);
  fill(canvas, (x, y) => {
    const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
    const value = (isBoard ? wave(u) * wave(v) : wave(u)) * period;
    return mix(a, b, Math.min(Math.max(0.5 + value / 2, 0), 1));
  });
}

function shapes(canvas: Canvas, random: Random): void {
  (random.next() < 0.7 ? single : gradient)(canvas, random);
  const at = (): number => between(random, 0, canvas.size);
  const extent = (): number => between(random, canvas.size / 32, canvas.size / 3);
  for (let left = 1 + random.integer(6); left > 0; left--) {
    const shape = random.next() < 0.5 ? disc(at(), at(), extent()) : box(at(), at(), extent(), extent());
    paint(canvas, shape, colour(random));
  }
}

function lines(canvas: Canvas, random: Random): void {
  single(canvas, random);
  const [ink, radius] = [colour(random), between(random, 0.5, 2)];
  const at = (): number => between(random, 0, canvas.size);
  let [x, y] = [at(), at()];
  for (let left = 2 + random.integer(12); left > 0; left--) {
    const [x1, y1] = [at(), at()];
    paint(canvas, stroke(x, y, x1, y1, radius), ink);
    [x, y] = [x1, y1];
  }
}

/** Rows of small signs of two or three strokes, with gaps between words. */
function writing(canvas: Canvas, random: Random): void {
  single(canvas, random);
  const [ink, height] = [colour(random), between(random, 6, 28)];
  const [radius, width] = [height / between(random, 12, 24) + 0.2, height * 0.55];
  for (let top = height / 2; top < canvas.size - height; top += height * 1.5) {
    for (let left = width / 2; left < canvas.size - width; left += width * 1.25) {
      if (random.next() < 0.18) continue;
      const x = (): number => left + random.next() * width;
      const y = (): number => top + random.next() * height;
      for (let count = 2 + random.integer(2); count > 0; count--) {
        paint(canvas, stroke(x(), y(), x(), y(), radius), ink);
      }
    }
  }
}

function noise(canvas: Canvas, random: Random): void {
  const [mean, amplitude, isGrey] = [colour(random), between(random, 0.05, 1), random.next() < 0.5];
  fill(canvas, () => {
    const grey = between(random, -amplitude, amplitude);
    return mean.map((value) =>
      Math.min(Math.max(value + (isGrey ? grey : between(random, -amplitude, amplitude)), -1), 1),
    ) as never;
  });
}
