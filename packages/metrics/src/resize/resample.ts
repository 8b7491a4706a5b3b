/**
 * Separable resampling on the host, in float64 unless asked otherwise, in the conventions that published numbers depend on. They agree inside
 * an image and differ at its borders, in antialiasing and in where pixel centres lie.
 */

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

const kernels: Readonly<Record<Interpolation, { readonly support: number; readonly weight: (t: number) => number }>> = {
  bilinear: { support: 1, weight: (t) => Math.max(1 - Math.abs(t), 0) },
  bicubic: {
    support: 2,
    weight: (t) => {
      const x = Math.abs(t);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
};

/** Weights that take `from` pixels to `to`; the weights of each output pixel sum to 1. */
export function axisWeights(from: number, to: number, options: ResampleOptions): AxisWeights {
  const { interpolation, border, isAntialiased, anchor = 'half-pixel' } = options;
  const { support, weight } = kernels[interpolation];
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
  const apply = options.precision === 'float32' ? alongAxisInFloat32 : alongAxis;
  if (options.first === 'columns') {
    const narrowed = apply(source, height, width, channels, horizontal);
    return apply(narrowed, 1, height, to.width * channels, vertical);
  }
  const lowered = apply(source, 1, height, width * channels, vertical);
  return apply(lowered, to.height, width, channels, horizontal);
}

/** Resamples the middle axis of `[outer, n, inner]`. */
function alongAxis(
  source: ArrayLike<number>,
  outer: number,
  n: number,
  inner: number,
  { taps, indices, weights }: AxisWeights,
): Float64Array {
  const to = indices.length / taps;
  const result = new Float64Array(outer * to * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < to; i++) {
      const target = (o * to + i) * inner;
      for (let k = i * taps; k < (i + 1) * taps; k++) {
        const weight = weights[k]!;
        if (weight === 0) continue;
        const from = (o * n + indices[k]!) * inner;
        for (let c = 0; c < inner; c++) result[target + c]! += weight * source[from + c]!;
      }
    }
  }
  return result;
}

/** The same with every number rounded to float32. */
function alongAxisInFloat32(
  source: ArrayLike<number>,
  outer: number,
  n: number,
  inner: number,
  { taps, indices, weights }: AxisWeights,
): Float64Array {
  const to = indices.length / taps;
  const result = new Float64Array(outer * to * inner);
  for (let at = 0; at < result.length; at++) {
    const [o, i, c] = [Math.floor(at / (to * inner)), Math.floor(at / inner) % to, at % inner];
    let sum = 0;
    for (let k = i * taps; k < (i + 1) * taps; k++) {
      const product = Math.fround(Math.fround(weights[k]!) * source[(o * n + indices[k]!) * inner + c]!);
      sum = Math.fround(sum + product);
    }
    result[at] = sum;
  }
  return result;
}
