/** Resampling of images on the host, one axis after the other. */
import { type ResizeTaps, resizeTaps } from '@vqkit/core';
import type { IntegerSamples, Raster } from '@vqkit/images';

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
  const across = resizeTaps(width, size.width, 'bicubic', true);
  const down = resizeTaps(height, size.height, 'bicubic', true);
  const result = make(size.width * size.height * channels);
  const isWhole = !(result instanceof Float32Array);
  const rows = new Map<number, Float32Array>();
  const rowOf = (y: number): Float32Array => {
    const there = rows.get(y);
    if (there) return there;
    const made = resizeRow(data.subarray(y * width * channels, (y + 1) * width * channels), across, channels);
    rows.set(y, made);
    return made;
  };
  const length = size.width * channels;
  const sums = new Float32Array(length);
  down.forEach(({ start, weights }, y) => {
    for (const known of rows.keys()) if (known < start) rows.delete(known);
    sums.fill(0);
    weights.forEach((weight, k) => {
      const row = rowOf(start + k);
      for (let i = 0; i < length; i++) sums[i]! += weight * row[i]!;
    });
    for (let i = 0; i < length; i++) {
      const value = Math.min(Math.max(sums[i]!, 0), most);
      result[y * length + i] = isWhole ? Math.round(value) : value;
    }
  });
  return { data: result, width: size.width, height: size.height, channels };
}

function resizeRow(row: Numbers, taps: readonly ResizeTaps[], channels: number): Float32Array {
  const made = new Float32Array(taps.length * channels);
  taps.forEach(({ start, weights }, x) => {
    for (let k = 0; k < weights.length; k++) {
      for (let c = 0; c < channels; c++) made[x * channels + c]! += weights[k]! * row[(start + k) * channels + c]!;
    }
  });
  return made;
}
