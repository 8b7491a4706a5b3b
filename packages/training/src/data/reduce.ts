/** Small images from training crops: what a network learns to enlarge. */
import type { Random } from '@vqkit/core';
import { unitValues } from '@vqkit/images';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import { degrade, fullDegradation, mildDegradation, sharpen } from '../degrade/degrade.ts';

/** Ways to a small image: MATLAB's bicubic reduction, or what happens on the way to the web, mildly or in full. */
export const degradationNames = ['bicubic', 'mild', 'full'] as const;
export type DegradationName = (typeof degradationNames)[number];

/** The small image has a quarter of the width and height. */
export const reductionScale = 4;

/**
 * Reduces a crop to a quarter.
 *
 * @param crop  f32 `[size, size, 3]` in [−1, 1]; rounded to 8 bits first, as files are.
 * @returns f32 `[size/4, size/4, 3]` in [−1, 1]: values of 8 bits.
 */
export async function reduce(
  crop: Float32Array,
  size: number,
  degradation: DegradationName,
  random: Random,
): Promise<Float32Array> {
  const bytes = Uint8ClampedArray.from(crop, (value) => (value + 1) * 127.5);
  const small = { width: size / reductionScale, height: size / reductionScale };
  if (degradation === 'bicubic')
    return unitValues(resizeMatlabBicubic({ data: bytes, width: size, height: size }, small).data);
  const sharp = sharpen({ data: Float32Array.from(bytes), width: size, height: size });
  return unitValues(
    (await degrade(sharp, small, random, degradation === 'mild' ? mildDegradation : fullDegradation)).data,
  );
}
