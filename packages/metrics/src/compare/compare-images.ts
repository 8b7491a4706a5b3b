/** The usual numbers of an image pair in one call. */
import { inTurns } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import type { LpipsMeter } from '../lpips/lpips-meter.ts';
import { psnrSteps } from '../psnr/psnr.ts';
import { msSsimMinimumSize, msSsimSteps } from '../ssim/ms-ssim.ts';
import { ssimSteps } from '../ssim/ssim.ts';

/** What to compare with. */
export interface CompareOptions {
  /** Distance between black and white; needed for floats. */
  readonly dataRange?: number;
  /** From `createLpipsMeter` with `backbone: 'squeeze'`; without it `lpipsSqueeze` is undefined. */
  readonly lpipsSqueeze?: LpipsMeter;
  readonly signal?: AbortSignal;
}

/** RGB (or gray) values of a pair, as codec papers report them. */
export interface ImageComparison {
  /** dB; +∞ for equal images. */
  readonly psnr: number;
  /** Gaussian window, mean over channels. Undefined under 11×11 pixels. */
  readonly ssim: number | undefined;
  /** Convention of pytorch-msssim. Undefined under 161×161 pixels. */
  readonly msSsim: number | undefined;
  /** LPIPS v0.1 on SqueezeNet. Undefined without a meter, and under 17×17 pixels. */
  readonly lpipsSqueeze: number | undefined;
}

/**
 * PSNR, SSIM, MS-SSIM and LPIPS (squeeze) of two images; what an image is too small for is undefined.
 *
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_INVALID`, `NOT_FINITE`, `VALUE_OUT_OF_RANGE` (also for a
 *   meter of another backbone); the signal's reason when aborted.
 */
export async function compareImages(a: AnyImage, b: AnyImage, options: CompareOptions = {}): Promise<ImageComparison> {
  const { dataRange, lpipsSqueeze: meter, signal } = options;
  if (meter !== undefined && meter.id !== 'lpips-squeeze') {
    throw new InputError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `compareImages: expected a meter of lpips-squeeze, got ${meter.id}`,
      fix: "Create it with { backbone: 'squeeze' }, or call meter.measure itself",
    });
  }
  signal?.throwIfAborted();
  const shorter = Math.min(a.width, a.height);
  return {
    psnr: await inTurns(psnrSteps(a, b, { dataRange }), signal),
    ssim: shorter < 11 ? undefined : await inTurns(ssimSteps(a, b, { dataRange }), signal),
    msSsim: shorter < msSsimMinimumSize ? undefined : await inTurns(msSsimSteps(a, b, { dataRange }), signal),
    lpipsSqueeze: meter === undefined || shorter < 17 ? undefined : await meter.measure(a, b, { dataRange, signal }),
  };
}
