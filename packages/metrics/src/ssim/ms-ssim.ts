/**
 * Multi-scale structural similarity: contrast at five scales and full similarity at the coarsest, each to its exponent.
 *
 * @see Wang, Simoncelli, Bovik 2003, "Multi-scale structural similarity for image quality assessment"
 */
import { atOnce, type Steps } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import { type ImagePair, openPair, type PairOptions, type PlanePair } from '../image/image.ts';
import { halveFloor, halveZeroPadded } from './downsample.ts';
import { average, type Structure, structure } from './ssim.ts';
import { ssimSettings, stabilizers } from './window.ts';

/**
 * Whose conventions.
 * - `'pytorch-msssim'`: windows that fit, product per channel, then the mean. CompressAI and the codec papers.
 * - `'torchmetrics'`: mirrored borders, mean over channels before the product, odd rows dropped.
 */
export type MsSsimVariant = 'pytorch-msssim' | 'torchmetrics';

/** Which multi-scale similarity. */
export interface MsSsimOptions extends PairOptions {
  /** Default `'pytorch-msssim'`. */
  readonly variant?: MsSsimVariant;
}

/** @internal Exponents of the scales, finest first; they sum to 1.0001, as published. */
export const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;

/** Smallest height and width: an 11×11 window must fit after four halvings. */
export const msSsimMinimumSize = 161;

/**
 * MS-SSIM of two images, 1 for equal ones. Negative contrasts count as 0.
 *
 * @throws InputError `IMAGE_TOO_SMALL` when a side is under 161 pixels; else as `psnr`.
 */
export function msSsim(a: AnyImage, b: AnyImage, options: MsSsimOptions = {}): number {
  return atOnce(msSsimSteps(a, b, options));
}

/** @internal The same in steps. */
export function* msSsimSteps(a: AnyImage, b: AnyImage, options: MsSsimOptions): Steps<number> {
  const pair = openPair('msSsim', a, b, options);
  checkSize(pair);
  return yield* options.variant === 'torchmetrics' ? perImage(pair) : perChannel(pair);
}

/** −10·log10(1 − MS-SSIM) in dB: how codec papers plot it, and what Bjøntegaard deltas take. */
export function msSsimToDecibels(value: number): number {
  return -10 * Math.log10(1 - value);
}

/** The structure of every plane of a pair at all scales. */
function* scalesOf(
  pair: ImagePair,
  setting: 'wang' | 'torchmetrics',
  halve: (plane: PlanePair) => Steps<PlanePair>,
): Steps<Structure[][]> {
  const planes: Structure[][] = [];
  for (const plane of pair.planes) {
    const scales: Structure[] = [];
    for (let current = plane; ; current = yield* halve(current)) {
      scales.push(yield* structure(current, ssimSettings[setting], stabilizers(pair.dataRange)));
      if (scales.length === scaleWeights.length) break;
    }
    planes.push(scales);
  }
  return planes;
}

function combine(contrasts: readonly number[], last: number): number {
  const factors = [...contrasts.slice(0, -1), last];
  return factors.reduce((product, factor, i) => product * Math.max(factor, 0) ** scaleWeights[i]!, 1);
}

function* perChannel(pair: ImagePair): Steps<number> {
  const planes = yield* scalesOf(pair, 'wang', halveZeroPadded);
  return average(
    planes.map((scales) =>
      combine(
        scales.map(({ contrast }) => contrast),
        scales.at(-1)!.ssim,
      ),
    ),
  );
}

function* perImage(pair: ImagePair): Steps<number> {
  const planes = yield* scalesOf(pair, 'torchmetrics', halveFloor);
  const contrasts = scaleWeights.map((_, i) => average(planes.map((scales) => scales[i]!.validContrast)));
  return combine(contrasts, average(planes.map((scales) => scales.at(-1)!.ssim)));
}

function checkSize({ width, height }: ImagePair): void {
  if (Math.min(width, height) >= msSsimMinimumSize) return;
  throw new InputError({
    code: 'IMAGE_TOO_SMALL',
    message: `msSsim: expected at least ${msSsimMinimumSize}×${msSsimMinimumSize} pixels, got ${width}×${height}`,
    fix: 'Use ssim for small images',
  });
}
