/**
 * Peak signal-to-noise ratio: 10·log10(L² / MSE), the mean squared error taken over all pixels and channels of an image.
 * Codec and VQ papers report RGB without a crop; classic super-resolution reports luma without `scale` pixels per side.
 */
import { atOnce, type Steps } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { openPair, type PairOptions } from '../image/image.ts';

/**
 * Mean squared error over all pixels and channels, in squared units of the data.
 *
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `RANGE_MISMATCH`, `IMAGE_INVALID`, `IMAGE_TOO_SMALL`, `NOT_FINITE`, `VALUE_OUT_OF_RANGE`
 */
export function imageMse(a: AnyImage, b: AnyImage, options: PairOptions = {}): number {
  return atOnce(meanSquare('imageMse', a, b, options)).mse;
}

/**
 * PSNR of two images in dB; +∞ for equal ones.
 *
 * @throws InputError as `imageMse`.
 *
 * @example
 * psnr(original, restored); // RGB, 0 … 255
 * psnr(original, upscaled, { colorSpace: 'y', cropBorder: 4 }); // as ×4 super-resolution papers
 */
export function psnr(a: AnyImage, b: AnyImage, options: PairOptions = {}): number {
  return atOnce(psnrSteps(a, b, options));
}

/** @internal The same in steps. */
export function* psnrSteps(a: AnyImage, b: AnyImage, options: PairOptions): Steps<number> {
  const { mse, dataRange } = yield* meanSquare('psnr', a, b, options);
  return psnrOfMse(mse, dataRange);
}

/** 10·log10(L² / MSE) in dB. */
export function psnrOfMse(mse: number, dataRange: number): number {
  return mse === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(dataRange ** 2 / mse);
}

function* meanSquare(
  metric: string,
  a: AnyImage,
  b: AnyImage,
  options: PairOptions,
): Steps<{ mse: number; dataRange: number }> {
  const { width, height, planes, dataRange } = openPair(metric, a, b, options);
  const [rowA, rowB] = [new Float64Array(width), new Float64Array(width)];
  let total = 0;
  for (const plane of planes) {
    for (let y = 0; y < height; y++) {
      plane.readRow(y, rowA, rowB, 0);
      let sum = 0; // by rows: exact for integers, and better than one long sum for the rest
      for (let x = 0; x < width; x++) {
        const difference = rowA[x]! - rowB[x]!;
        sum += difference * difference;
      }
      total += sum;
      yield;
    }
  }
  return { mse: total / (planes.length * width * height), dataRange };
}
