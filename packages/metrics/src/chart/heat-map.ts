/** Maps of values as pictures: where two images differ. */
import type { AnyImage, InputImage } from '@vqkit/images';
import { dataRangeOf, openPair, type PairOptions } from '../image/image.ts';
import { type SsimOptions, ssimMap } from '../ssim/ssim.ts';

/**
 * Colours values from black through red and yellow to white.
 *
 * @param low  Black and below. @param high  White and above.
 * @returns 8-bit RGB of the map's size.
 */
export function heatMap(
  { data, width, height }: AnyImage,
  { low, high }: { readonly low: number; readonly high: number },
): InputImage<Uint8Array> {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const t = 3 * Math.min(Math.max((data[i]! - low) / (high - low), 0), 1);
    for (let k = 0; k < 3; k++) rgb[3 * i + k] = Math.round(255 * Math.min(Math.max(t - k, 0), 1));
  }
  return { data: rgb, width, height };
}

/**
 * Root of the mean squared difference over the channels of every pixel, in units of the data.
 *
 * @throws InputError as `psnr`
 */
export function errorMap(a: AnyImage, b: AnyImage, options: PairOptions = {}): InputImage<Float64Array> {
  const { width, height, planes } = openPair('errorMap', a, b, options);
  const data = new Float64Array(width * height);
  const [rowA, rowB] = [new Float64Array(width), new Float64Array(width)];
  for (const plane of planes) {
    for (let y = 0; y < height; y++) {
      plane.readRow(y, rowA, rowB, 0);
      for (let x = 0; x < width; x++) data[y * width + x]! += (rowA[x]! - rowB[x]!) ** 2 / planes.length;
    }
  }
  return { data: data.map(Math.sqrt), width, height };
}

/**
 * A picture of the errors: black where equal, white from `high` on.
 *
 * @param options.high  Default about a quarter of the data range: 64 for 8-bit images.
 */
export function drawErrorMap(
  a: AnyImage,
  b: AnyImage,
  options: PairOptions & { readonly high?: number } = {},
): InputImage<Uint8Array> {
  const { high = (64 / 255) * dataRangeOf('drawErrorMap', a, options.dataRange), ...pair } = options;
  return heatMap(errorMap(a, b, pair), { low: 0, high });
}

/** A picture of structural dissimilarity: black where similar (1), white where not at all (0 and below). */
export function drawSsimMap(a: AnyImage, b: AnyImage, options: SsimOptions = {}): InputImage<Uint8Array> {
  const { data, width, height } = ssimMap(a, b, options);
  return heatMap({ data: data.map((value) => 1 - value), width, height }, { low: 0, high: 1 });
}
