/** Images as degradations compute with them: floats, so that nothing is rounded between the steps. */

import { type AxisWeights, alongAxis, axisWeights, type InputImage } from '@vqkit/images';

/** RGB, row-major, 3 floats a pixel, 0 to 255. */
export type FloatImage = InputImage<Float32Array>;

/** Index of a pixel that may lie outside, mirrored at the border without repeating it, as often as needed. */
function mirrored(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const at = ((i % period) + period) % period;
  return at < size ? at : period - at;
}

/** A value of a kernel, and where in the padded image it begins. */
interface Tap {
  readonly weight: number;
  readonly from: number;
}

/** Convolves each channel with a kernel; borders are mirrored. */
export function filterImage(
  image: FloatImage,
  { size, weights }: { readonly size: number; readonly weights: ArrayLike<number> },
): FloatImage {
  const { data, width, height } = image;
  const half = (size - 1) / 2;
  const padded = width + 2 * half;
  const rows = new Float32Array((height + 2 * half) * padded * 3);
  for (let y = 0; y < height + 2 * half; y++) {
    const line = mirrored(y - half, height) * width;
    for (let x = 0; x < padded; x++) {
      const from = (line + mirrored(x - half, width)) * 3;
      for (let c = 0; c < 3; c++) rows[(y * padded + x) * 3 + c] = data[from + c]!;
    }
  }
  // A convolution turns the kernel.
  const taps = Array.from({ length: size ** 2 }, (_, k) => ({
    weight: weights[size ** 2 - 1 - k]!,
    from: (Math.floor(k / size) * padded + (k % size)) * 3,
  })).filter(({ weight }) => weight !== 0);
  const result = new Float32Array(data.length);
  // Four taps a pass: what is summed is read and written a quarter as often.
  for (let k = 0; k < taps.length; k += 4) {
    const [a, b = a, c = a, d = a] = taps.slice(k, k + 4) as [Tap, Tap?, Tap?, Tap?];
    const weightOf = (tap: Tap): number => (tap === a ? 0 : tap.weight);
    const [wa, wb, wc, wd] = [a.weight, weightOf(b), weightOf(c), weightOf(d)];
    for (let y = 0; y < height; y++) {
      const from = y * padded * 3;
      const to = y * width * 3;
      const [atA, atB, atC, atD] = [from + a.from, from + b.from, from + c.from, from + d.from];
      for (let i = 0; i < width * 3; i++) {
        result[to + i]! += wa * rows[atA + i]! + wb * rows[atB + i]! + wc * rows[atC + i]! + wd * rows[atD + i]!;
      }
    }
  }
  return { data: result, width, height };
}

/** Ways to resize; none of them antialiased but `area`. */
export type DegradedResize = 'area' | 'bilinear' | 'bicubic';

/** Each new pixel is the mean of the stretch of old ones that it covers. */
function areaWeights(from: number, to: number): AxisWeights {
  const length = from / to;
  const taps = Math.ceil(length) + 1;
  const first = (i: number): number => Math.floor(Math.floor(i / taps) * length) + (i % taps);
  return {
    taps,
    indices: Int32Array.from({ length: to * taps }, (_, i) => Math.min(first(i), from - 1)),
    weights: Float64Array.from({ length: to * taps }, (_, i) => {
      const [fresh, old] = [Math.floor(i / taps), first(i)];
      const overlap = Math.min(old + 1, (fresh + 1) * length) - Math.max(old, fresh * length);
      return Math.max(0, overlap) / length;
    }),
  };
}

/**
 * Resizes as image libraries do: `area` by means of what a new pixel covers, the others by interpolation between the
 * pixels around it, so that shrinking folds detail back. Bicubic is Keys' with a = −0.5.
 */
export function resizeImage(
  { data, width, height }: FloatImage,
  to: { readonly width: number; readonly height: number },
  method: DegradedResize,
): FloatImage {
  const weightsOf = (from: number, size: number): AxisWeights =>
    method === 'area'
      ? areaWeights(from, size)
      : axisWeights(from, size, { interpolation: method, border: 'repeat', isAntialiased: false });
  const narrowed = alongAxis(data, [height, width, 3], weightsOf(width, to.width));
  const resized = alongAxis(narrowed, [1, height, to.width * 3], weightsOf(height, to.height));
  return { data: Float32Array.from(resized), ...to };
}

/** Clipped to [0, 255] and rounded. */
export function roundImage(image: FloatImage): FloatImage {
  return { ...image, data: image.data.map((value) => Math.min(Math.max(Math.round(value), 0), 255)) };
}
