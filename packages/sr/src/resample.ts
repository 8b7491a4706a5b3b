/** Resampling of images on the host, one axis after the other. */
import { alongAxis, axisWeights, type IntegerSamples, type Raster } from '@vqkit/images';

/** A list of numbers of one kind. */
type Numbers = Float32Array | IntegerSamples;

/**
 * Resizes by Keys' cubic kernel, widened where the image gets smaller. Rows are made one at a time from the few that they
 * need, so memory beyond the result is small.
 *
 * @param make  Makes the list of the result: its kind says how values are rounded and clipped.
 * @param most  Largest sample; results are kept in [0, most].
 */
export function resample<T extends Numbers>(
  { data, width, height, channels }: Raster<Numbers>,
  size: { readonly width: number; readonly height: number },
  make: (length: number) => T,
  most: number,
): Raster<T> {
  const options = { interpolation: 'bicubic', border: 'repeat', isAntialiased: true } as const;
  const across = axisWeights(width, size.width, options);
  const { taps, indices, weights } = axisWeights(height, size.height, options);
  const result = make(size.width * size.height * channels);
  const isWhole = !(result instanceof Float32Array);
  const rows = new Map<number, Float64Array>();
  const rowOf = (y: number): Float64Array => {
    const there = rows.get(y);
    if (there) return there;
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    const made = alongAxis(row, [1, width, channels], across);
    rows.set(y, made);
    return made;
  };
  const length = size.width * channels;
  const sums = new Float64Array(length);
  for (let y = 0; y < size.height; y++) {
    const first = indices[y * taps]!;
    for (const known of rows.keys()) if (known < first) rows.delete(known);
    sums.fill(0);
    for (let k = y * taps; k < (y + 1) * taps; k++) {
      const weight = weights[k]!;
      if (weight === 0) continue;
      const row = rowOf(indices[k]!);
      for (let i = 0; i < length; i++) sums[i]! += weight * row[i]!;
    }
    for (let i = 0; i < length; i++) {
      const value = Math.min(Math.max(sums[i]!, 0), most);
      result[y * length + i] = isWhole ? Math.round(value) : value;
    }
  }
  return { data: result, width: size.width, height: size.height, channels };
}
