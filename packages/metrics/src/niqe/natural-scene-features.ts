/**
 * The statistics of NIQE: locally normalised brightness, and 18 numbers per block that describe its distribution and that
 * of the products of neighbours.
 *
 * @see Mittal, Soundararajan, Bovik 2012, "Making a completely blind image quality analyzer"
 */
import type { Steps } from '@vqkit/core';
import type { InputImage } from '@vqkit/images';
import type { AsymmetricGaussian } from './asymmetric-gaussian.ts';
import { logGamma } from './gamma.ts';

/** A brightness image. */
export type Plane = InputImage<Float64Array>;

/** Side of the window of local means. */
const windowSize = 7;

/**
 * Windowed means with repeated borders, summed tap by tap in row-major order: in flat places the result depends on the
 * order, and this is the reference's. Each row is a step.
 */
function* smooth({ data, width, height }: Plane, window: Float64Array): Steps<Float64Array> {
  const reach = (windowSize - 1) / 2;
  const result = new Float64Array(data.length);
  const columns = Array.from({ length: windowSize }, (_, j) =>
    Int32Array.from({ length: width }, (_, x) => Math.min(Math.max(x + j - reach, 0), width - 1)),
  );
  for (let y = 0; y < height; y++) {
    const target = y * width;
    for (let i = 0; i < windowSize; i++) {
      const from = Math.min(Math.max(y + i - reach, 0), height - 1) * width;
      for (let j = 0; j < windowSize; j++) {
        const weight = window[i * windowSize + j]!;
        const column = columns[j]!;
        for (let x = 0; x < width; x++) result[target + x]! += weight * data[from + column[x]!]!;
      }
    }
    yield;
  }
  return result;
}

/** How filtered images are rounded: `Math.fround` for float32, or not at all. */
export type Rounding = (value: number) => number;

/** @internal A plane of new values, row by row. */
export function* eachValue(plane: Plane, make: (value: number, i: number) => number): Steps<Plane> {
  const data = new Float64Array(plane.data.length);
  for (let from = 0; from < data.length; from += plane.width) {
    for (let i = from; i < from + plane.width; i++) data[i] = make(plane.data[i]!, i);
    yield;
  }
  return { ...plane, data };
}

/** (I − μ)/(σ + 1) with local mean and deviation. In flat places E[I²] − μ² loses digits, so the rounding shows. */
export function* normalizeLocally(plane: Plane, window: Float64Array, fround: Rounding): Steps<Plane> {
  const means = yield* smooth(plane, window);
  const squares = yield* smooth(yield* eachValue(plane, (value) => fround(value * value)), window);
  return yield* eachValue(plane, (value, i) => {
    const mean = fround(means[i]!);
    const deviation = fround(Math.sqrt(Math.abs(fround(fround(squares[i]!) - fround(mean * mean)))));
    return fround(fround(value - mean) / fround(deviation + 1));
  });
}

/** Rows and columns by which a block is shifted against itself. */
const shifts = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
] as const;

/** The 18 features of the square block at (`left`, `top`). */
export function blockFeatures(
  { data, width }: Plane,
  left: number,
  top: number,
  size: number,
  fit: (samples: Float64Array) => AsymmetricGaussian,
  fround: Rounding,
): number[] {
  const block = new Float64Array(size * size);
  for (let y = 0; y < size; y++) {
    const from = (top + y) * width + left;
    block.set(data.subarray(from, from + size), y * size);
  }
  const whole = fit(block);
  const features = [whole.alpha, (whole.left + whole.right) / 2];
  const products = new Float64Array(block.length);
  for (const [down, right] of shifts) {
    for (let y = 0; y < size; y++) {
      const row = ((y - down + size) % size) * size;
      for (let x = 0; x < size; x++) {
        products[y * size + x] = fround(block[y * size + x]! * block[row + ((x - right + size) % size)]!);
      }
    }
    const { alpha, left: bl, right: br } = fit(products);
    const mean = (br - bl) * Math.exp(logGamma(2 / alpha) - logGamma(1 / alpha));
    features.push(alpha, mean, bl, br);
  }
  return features;
}
