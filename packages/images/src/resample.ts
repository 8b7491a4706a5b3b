/**
 * Separable resampling on the host, in float64 unless asked otherwise, in the conventions that published numbers depend on. They agree inside
 * an image and differ at its borders, in antialiasing and in where pixel centres lie.
 */

import { resizeKernels } from '@vqkit/core';

/** Interpolation kernels; `bicubic` is Keys' with a = −0.5. */
export type Interpolation = 'bilinear' | 'bicubic';

/** What happens where the kernel reaches outside: MATLAB mirrors the image, Pillow cuts the kernel, PyTorch repeats the border. */
export type BorderRule = 'mirror' | 'cut' | 'repeat';

/** How one axis is resampled. */
export interface ResampleOptions {
  readonly interpolation: Interpolation;
  readonly border: BorderRule;
  /** Widen the kernel when shrinking. */
  readonly isAntialiased: boolean;
  /** `'half-pixel'`: centres at i + ½; `'corner'`: source = target·from/to, as TensorFlow 1 did. Default `'half-pixel'`. */
  readonly anchor?: 'half-pixel' | 'corner';
  /** `'float32'` rounds weights, products and sums, as references in PyTorch do. Default `'float64'`. */
  readonly precision?: 'float32' | 'float64';
}

/** Weights of one axis: output pixel i is Σ weights[i·taps + k]·source[indices[i·taps + k]]. */
export interface AxisWeights {
  readonly taps: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Weights that take `from` pixels to `to`; the weights of each output pixel sum to 1. */
export function axisWeights(from: number, to: number, options: ResampleOptions): AxisWeights {
  const { interpolation, border, isAntialiased, anchor = 'half-pixel' } = options;
  const { support, weight } = resizeKernels[interpolation];
  const scale = from / to;
  const width = isAntialiased ? Math.max(scale, 1) : 1;
  const taps = Math.ceil(2 * support * width) + 1;
  const indices = new Int32Array(to * taps);
  const weights = new Float64Array(to * taps);
  for (let i = 0; i < to; i++) {
    const center = anchor === 'corner' ? i * scale : (i + 0.5) * scale - 0.5;
    const first = Math.ceil(center - support * width);
    let total = 0;
    for (let k = 0; k < taps; k++) {
      const j = first + k;
      const isCut = border === 'cut' && (j < 0 || j >= from);
      const value = isCut ? 0 : weight((j - center) / width);
      indices[i * taps + k] = border === 'mirror' ? mirrorWithEdge(j, from) : Math.min(Math.max(j, 0), from - 1);
      weights[i * taps + k] = value;
      total += value;
    }
    for (let k = 0; k < taps; k++) weights[i * taps + k]! /= total;
  }
  return { taps, indices, weights };
}

/** Mirrored so that the border pixel is repeated once (cba|abcd|dcb). */
function mirrorWithEdge(i: number, n: number): number {
  const at = ((i % (2 * n)) + 2 * n) % (2 * n);
  return at < n ? at : 2 * n - 1 - at;
}

/**
 * Resamples interleaved values, rows first or columns first.
 *
 * @param source  `[height, width, channels]`.
 * @returns `[to.height, to.width, channels]`, not rounded and not clipped.
 */
export function resample(
  source: ArrayLike<number>,
  from: { readonly height: number; readonly width: number; readonly channels: number },
  to: { readonly height: number; readonly width: number },
  options: ResampleOptions & { readonly first?: 'rows' | 'columns' },
): Float64Array {
  const { height, width, channels } = from;
  const vertical = axisWeights(height, to.height, options);
  const horizontal = axisWeights(width, to.width, options);
  const along = (values: ArrayLike<number>, outer: number, n: number, inner: number, axis: AxisWeights): Float64Array =>
    alongAxis(values, [outer, n, inner], axis, options.precision);
  if (options.first === 'columns') {
    const narrowed = along(source, height, width, channels, horizontal);
    return along(narrowed, 1, height, to.width * channels, vertical);
  }
  const lowered = along(source, 1, height, width * channels, vertical);
  return along(lowered, to.height, width, channels, horizontal);
}

/** Resamples the middle axis of `[outer, n, inner]`. In float32, weights, products and sums are rounded. */
export function alongAxis(
  source: ArrayLike<number>,
  [outer, n, inner]: readonly [outer: number, n: number, inner: number],
  { taps, indices, weights }: AxisWeights,
  precision: 'float32' | 'float64' = 'float64',
): Float64Array {
  const isRounded = precision === 'float32';
  const to = indices.length / taps;
  const sums = isRounded ? new Float32Array(outer * to * inner) : new Float64Array(outer * to * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < to; i++) {
      const target = (o * to + i) * inner;
      for (let k = i * taps; k < (i + 1) * taps; k++) {
        const weight = isRounded ? Math.fround(weights[k]!) : weights[k]!;
        if (weight === 0) continue;
        const from = (o * n + indices[k]!) * inner;
        for (let c = 0; c < inner; c++) {
          const product = weight * source[from + c]!;
          sums[target + c]! += isRounded ? Math.fround(product) : product;
        }
      }
    }
  }
  return isRounded ? Float64Array.from(sums) : (sums as Float64Array);
}
