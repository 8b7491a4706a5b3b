/**
 * One training crop from one photo: a random square, scaled down with antialiasing, then flipped, turned and slightly
 * recoloured. Plain functions on bytes; every choice comes from a seeded stream.
 */

import type { Random } from '@vqkit/core';
import { cut, type InputImage, type Raster, resample } from '@vqkit/images';

/** How crops vary. */
export interface CropOptions {
  /** Width and height of a crop in pixels. */
  readonly size: number;
  /** Range of the random scale; 1 keeps the pixels, 0.5 averages 2×2. Default [0.5, 1]. */
  readonly scale?: readonly [number, number];
  /** Largest relative change of brightness and contrast. Default 0.1. */
  readonly jitter?: number;
  /** Turn by multiples of 90° (half of the crops). Default true. */
  readonly turns?: boolean;
}

/** A square of `source` pixels at (left, top), resized to `size` with antialiasing, `[size, size, 3]` in 0 … 255. */
function extract(image: Raster, left: number, top: number, source: number, size: number): Float64Array {
  const square = cut(image, { left, top, width: source, height: source });
  const from = { width: source, height: source, channels: 3 };
  const to = { width: size, height: size };
  return resample(square, from, to, { interpolation: 'bilinear', border: 'repeat', isAntialiased: true });
}

/** Where pixel (x, y) of the result comes from, for flips and quarter turns. */
function orientation(
  size: number,
  isFlipped: boolean,
  isTransposed: boolean,
  isUpsideDown: boolean,
): (x: number, y: number) => number {
  return (x, y) => {
    const u = isFlipped ? size - 1 - x : x;
    const v = isUpsideDown ? size - 1 - y : y;
    return isTransposed ? u * size + v : v * size + u;
  };
}

/**
 * Cuts a random training crop.
 *
 * @param image  Must be at least `size` pixels in both directions.
 * @returns f32 `[size, size, 3]` in [−1, 1].
 */
export function randomCrop(image: InputImage<Uint8Array>, random: Random, options: CropOptions): Float32Array {
  const { size, scale = [0.5, 1], jitter = 0.1, turns = true } = options;
  const chosen = scale[0] + random.next() * (scale[1] - scale[0]);
  const source = Math.max(size, Math.min(Math.round(size / chosen), image.width, image.height));
  const left = random.integer(image.width - source + 1);
  const top = random.integer(image.height - source + 1);
  const pixels = extract({ ...image, channels: 3 }, left, top, source, size);
  const isTurned = turns && random.next() < 0.5;
  const from = orientation(size, random.next() < 0.5, isTurned, isTurned && random.next() < 0.5);
  const contrast = 1 + (2 * random.next() - 1) * jitter;
  const brightness = (2 * random.next() - 1) * jitter;
  const crop = new Float32Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const source3 = from(x, y) * 3;
      const to = (y * size + x) * 3;
      for (let c = 0; c < 3; c++) {
        const value = (pixels[source3 + c]! / 127.5 - 1) * contrast + brightness;
        crop[to + c] = Math.min(Math.max(value, -1), 1);
      }
    }
  }
  return crop;
}
