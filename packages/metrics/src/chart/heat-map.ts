/** Maps of values as pictures: where two images differ. */
import { atOnce, inTurns, type Steps } from '@vqkit/core';
import type { AnyImage, InputImage } from '@vqkit/images';
import { dataRangeOf, openPair, type PairOptions } from '../image/image.ts';
import { type SsimOptions, ssimMapSteps } from '../ssim/ssim.ts';
import { ssimSettings } from '../ssim/window.ts';

/** Values of a map that become black and white. */
interface HeatRange {
  readonly low: number;
  readonly high: number;
}

/** Options of `drawErrorMap`. */
export interface ErrorMapOptions extends PairOptions {
  /** What is white. Default about a quarter of the data range: 64 for 8-bit images. */
  readonly high?: number;
}

/**
 * Colours values from black through red and yellow to white.
 *
 * @param low  Black and below. @param high  White and above.
 * @returns 8-bit RGB of the map's size.
 */
export function heatMap(map: AnyImage, range: HeatRange): InputImage<Uint8Array> {
  return atOnce(heatMapSteps(map, range));
}

function* heatMapSteps({ data, width, height }: AnyImage, { low, high }: HeatRange): Steps<InputImage<Uint8Array>> {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const t = 3 * Math.min(Math.max((data[i]! - low) / (high - low), 0), 1);
    for (let k = 0; k < 3; k++) rgb[3 * i + k] = Math.round(255 * Math.min(Math.max(t - k, 0), 1));
    if (i % width === width - 1) yield;
  }
  return { data: rgb, width, height };
}

/**
 * Root of the mean squared difference over the channels of every pixel, in units of the data.
 *
 * @throws InputError as `psnr`
 */
export function errorMap(a: AnyImage, b: AnyImage, options: PairOptions = {}): InputImage<Float64Array> {
  return atOnce(errorMapSteps(a, b, options));
}

function* errorMapSteps(a: AnyImage, b: AnyImage, options: PairOptions): Steps<InputImage<Float64Array>> {
  const { width, height, planes } = openPair('errorMap', a, b, options);
  const data = new Float64Array(width * height);
  const [rowA, rowB] = [new Float64Array(width), new Float64Array(width)];
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    for (const plane of planes) {
      plane.readRow(y, rowA, rowB, 0);
      for (let x = 0; x < width; x++) row[x]! += (rowA[x]! - rowB[x]!) ** 2 / planes.length;
    }
    for (let x = 0; x < width; x++) row[x] = Math.sqrt(row[x]!);
    yield;
  }
  return { data, width, height };
}

/** A picture of the errors: black where equal, white from `high` on. */
export function drawErrorMap(a: AnyImage, b: AnyImage, options: ErrorMapOptions = {}): InputImage<Uint8Array> {
  return atOnce(errorPicture(a, b, options));
}

function* errorPicture(a: AnyImage, b: AnyImage, options: ErrorMapOptions): Steps<InputImage<Uint8Array>> {
  const { high = (64 / 255) * dataRangeOf('drawErrorMap', a, options.dataRange), ...pair } = options;
  return yield* heatMapSteps(yield* errorMapSteps(a, b, pair), { low: 0, high });
}

/** A picture of structural dissimilarity: black where similar (1), white where not at all (0 and below). */
export function drawSsimMap(a: AnyImage, b: AnyImage, options: SsimOptions = {}): InputImage<Uint8Array> {
  return atOnce(ssimPicture(a, b, options));
}

function* ssimPicture(a: AnyImage, b: AnyImage, options: SsimOptions): Steps<InputImage<Uint8Array>> {
  // From white to black: 1 − s between 0 and 1.
  return yield* heatMapSteps(yield* ssimMapSteps(a, b, options), { low: 1, high: 0 });
}

/** Pictures of where two images differ. */
export interface Differences {
  /** As `drawErrorMap`. */
  readonly error: InputImage<Uint8Array>;
  /** As `drawSsimMap`; undefined where no window fits. */
  readonly structure: InputImage<Uint8Array> | undefined;
}

/**
 * Draws the errors and the structural dissimilarity of two images. For large ones: others have their turn in between, and the
 * work can be stopped.
 *
 * @throws InputError as `psnr`; the signal's reason when aborted.
 */
export async function drawDifferences(
  a: AnyImage,
  b: AnyImage,
  { signal, ...options }: Pick<PairOptions, 'dataRange'> & { readonly signal?: AbortSignal } = {},
): Promise<Differences> {
  signal?.throwIfAborted();
  const error = await inTurns(errorPicture(a, b, options), signal);
  const isLarge = Math.min(a.width, a.height) >= ssimSettings.wang.size;
  return { error, structure: isLarge ? await inTurns(ssimPicture(a, b, options), signal) : undefined };
}
