/**
 * One training crop from one photo: a random square, scaled down with antialiasing, then flipped, turned and slightly
 * recoloured. Plain functions on bytes; every choice comes from a seeded stream.
 */

import { type Random, resizeTaps } from '@vqkit/core';
import type { InputImage } from '@vqkit/images';

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

/** A square of `source` pixels at (left, top), resized to `size`, as floats in [0, 255], `[size, size, 3]`. */
function extract(
  { data, width }: InputImage<Uint8Array>,
  left: number,
  top: number,
  source: number,
  size: number,
): Float32Array {
  const taps = resizeTaps(source, size, 'bilinear', true);
  const rows = new Float32Array(source * size * 3);
  for (let y = 0; y < source; y++) {
    const line = ((top + y) * width + left) * 3;
    for (let x = 0; x < size; x++) {
      const { start, weights } = taps[x]!;
      let [r, g, b] = [0, 0, 0];
      for (let k = 0; k < weights.length; k++) {
        const at = line + (start + k) * 3;
        const w = weights[k]!;
        r += w * data[at]!;
        g += w * data[at + 1]!;
        b += w * data[at + 2]!;
      }
      const to = (y * size + x) * 3;
      rows[to] = r;
      rows[to + 1] = g;
      rows[to + 2] = b;
    }
  }
  const stride = size * 3;
  const result = new Float32Array(size * stride);
  for (let y = 0; y < size; y++) {
    const { start, weights } = taps[y]!;
    for (let k = 0; k < weights.length; k++) {
      const w = weights[k]!;
      const line = (start + k) * stride;
      for (let i = 0; i < stride; i++) result[y * stride + i]! += w * rows[line + i]!;
    }
  }
  return result;
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
  const pixels = extract(image, left, top, source, size);
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
