/**
 * Structural similarity: the mean over windows of
 * ((2 μx μy + C1)(2 σxy + C2)) / ((μx² + μy² + C1)(σx² + σy² + C2)), averaged over channels.
 * Implementations differ in window, covariance and border, by more than 0.1 on degraded images: name the variant.
 *
 * @see Wang, Bovik, Sheikh, Simoncelli 2004, "Image quality assessment: from error visibility to structural similarity"
 */
import { atOnce, type Steps } from '@vqkit/core';
import type { AnyImage, InputImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import { openPair, type PairOptions, type PlanePair } from '../image/image.ts';
import { boxDownsample } from './downsample.ts';
import { forEachRowOfMeans } from './local-means.ts';
import { type SsimSetting, type SsimVariant, ssimSettings, stabilizers } from './window.ts';

/** Which structural similarity. */
export interface SsimOptions extends PairOptions {
  /** Default `'wang'`. */
  readonly variant?: SsimVariant;
  /** First shrink by max(1, round(shorter side / 256)) with a box filter, as Wang's later `ssim.m` and piq do. Default false. */
  readonly isDownsampled?: boolean;
}

/**
 * SSIM of two images, 1 for equal ones.
 *
 * @throws InputError `IMAGE_TOO_SMALL` when no window fits; else as `psnr`.
 *
 * @example
 * ssim(original, restored); // Gaussian window, mean over R, G, B
 * ssim(original, restored, { variant: 'uniform11' }); // the number of the CVQ-VAE and LooC papers
 */
export function ssim(a: AnyImage, b: AnyImage, options: SsimOptions = {}): number {
  return atOnce(ssimSteps(a, b, options));
}

/** @internal The same in steps. */
export function* ssimSteps(a: AnyImage, b: AnyImage, options: SsimOptions): Steps<number> {
  const { planes, setting, constants } = yield* prepare('ssim', a, b, options);
  const values: number[] = [];
  for (const plane of planes) values.push((yield* structure(plane, setting, constants)).ssim);
  return average(values);
}

/** The similarity of every window, mean over channels; row-major. With `'valid'` borders the map is smaller than the image. */
export function ssimMap(a: AnyImage, b: AnyImage, options: SsimOptions = {}): InputImage<Float64Array> {
  return atOnce(ssimMapSteps(a, b, options));
}

/** @internal The same in steps. */
export function* ssimMapSteps(a: AnyImage, b: AnyImage, options: SsimOptions): Steps<InputImage<Float64Array>> {
  const { planes, setting, constants } = yield* prepare('ssimMap', a, b, options);
  const lost = setting.border === 'valid' ? setting.size - 1 : 0;
  const [width, height] = [planes[0]!.width - lost, planes[0]!.height - lost];
  const data = new Float64Array(width * height);
  for (const plane of planes) {
    yield* structure(plane, setting, constants, (row, y) => {
      for (let x = 0; x < width; x++) data[y * width + x]! += row[x]! / planes.length;
    });
  }
  return { data, width, height };
}

/** @internal Means over all windows of a plane. */
export interface Structure {
  readonly ssim: number;
  /** Mean of (2 σxy + C2)/(σx² + σy² + C2). */
  readonly contrast: number;
  /** The same mean, over the windows that fit into the image. */
  readonly validContrast: number;
}

/** @internal Structural similarity of one plane; `onRow` sees the map. */
export function* structure(
  pair: PlanePair,
  setting: SsimSetting,
  [c1, c2]: readonly [number, number],
  onRow?: (row: Float64Array, y: number) => void,
): Steps<Structure> {
  const area = setting.size ** 2;
  const correction = setting.isSampleCovariance ? area / (area - 1) : 1;
  const margin = setting.border === 'reflect' ? (setting.size - 1) / 2 : 0;
  const totals = { ssim: 0, contrast: 0, valid: 0, count: 0, validCount: 0 };
  let row = new Float64Array(0);
  const rows = setting.border === 'reflect' ? pair.height : pair.height - setting.size + 1;
  yield* forEachRowOfMeans(pair, setting, (means, width, y) => {
    if (row.length !== width) row = new Float64Array(width);
    const isInside = y >= margin && y < rows - margin;
    let [sum, contrastSum, validSum] = [0, 0, 0];
    for (let i = 0; i < width; i++) {
      const [muX, muY] = [means[i]!, means[width + i]!];
      const [product, squares] = [muX * muY, muX * muX + muY * muY];
      const contrast =
        (2 * correction * (means[3 * width + i]! - product) + c2) /
        (correction * (means[2 * width + i]! - squares) + c2);
      const value = ((2 * product + c1) / (squares + c1)) * contrast;
      sum += value;
      contrastSum += contrast;
      if (isInside && i >= margin && i < width - margin) validSum += contrast;
      row[i] = value;
    }
    totals.ssim += sum;
    totals.contrast += contrastSum;
    totals.valid += validSum;
    totals.count += width;
    if (isInside) totals.validCount += width - 2 * margin;
    onRow?.(row, y);
  });
  return {
    ssim: totals.ssim / totals.count,
    contrast: totals.contrast / totals.count,
    validContrast: totals.valid / totals.validCount,
  };
}

/** @internal Arithmetic mean. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function* prepare(
  metric: string,
  a: AnyImage,
  b: AnyImage,
  { variant = 'wang', isDownsampled = false, ...options }: SsimOptions,
): Steps<{ planes: readonly PlanePair[]; setting: SsimSetting; constants: [number, number] }> {
  const setting = ssimSettings[variant];
  const pair = openPair(metric, a, b, options);
  const factor = isDownsampled ? Math.max(1, Math.round(Math.min(pair.width, pair.height) / 256)) : 1;
  const planes: PlanePair[] = [];
  for (const plane of pair.planes) planes.push(factor === 1 ? plane : yield* boxDownsample(plane, factor));
  const { width, height } = planes[0]!;
  const least = setting.border === 'valid' ? setting.size : (setting.size + 1) / 2;
  if (Math.min(width, height) < least) {
    throw new InputError({
      code: 'IMAGE_TOO_SMALL',
      message: `${metric} (${variant}): expected at least ${least}×${least} pixels, got ${width}×${height}`,
      fix: 'Use larger images, crop less, or the variant uniform7',
    });
  }
  return { planes, setting, constants: stabilizers(pair.dataRange) };
}
