/** Resampling of images on the host, from rows to rows. */
import { alongAxis, axisWeights, type IntegerSamples, type RowSource } from '@vqkit/images';

/**
 * Resizes by Keys' cubic kernel, widened where the image gets smaller. Rows are made of the few that they need.
 *
 * @param make  Makes the list of results: its kind says how values are clipped.
 * @param most  Largest sample; results are rounded and kept in [0, most].
 */
export function resampledRows(
  source: RowSource<Float32Array | IntegerSamples>,
  { width, height }: { readonly width: number; readonly height: number },
  make: (length: number) => IntegerSamples,
  most: number,
): RowSource<IntegerSamples> {
  const options = { interpolation: 'bicubic', border: 'repeat', isAntialiased: true } as const;
  const across = axisWeights(source.width, width, options);
  const { taps, indices, weights } = axisWeights(source.height, height, options);
  return {
    width,
    height,
    read: async (top, rows) => {
      const [from, to] = [top * taps, (top + rows) * taps];
      // Borders repeat, so indices rise from row to row, and within a row.
      const first = indices[from]!;
      const strip = await source.read(first, indices[to - 1]! - first + 1);
      const { channels } = strip;
      const narrowed = alongAxis(strip.data, [strip.height, strip.width, channels], across);
      const down = {
        taps,
        indices: indices.subarray(from, to).map((row) => row - first),
        weights: weights.subarray(from, to),
      };
      const values = alongAxis(narrowed, [1, strip.height, width * channels], down);
      const data = make(values.length);
      values.forEach((value, i) => {
        data[i] = Math.round(Math.min(Math.max(value, 0), most));
      });
      return { data, width, height: rows, channels };
    },
  };
}
