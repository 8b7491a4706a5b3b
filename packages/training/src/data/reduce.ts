/** Small images from training crops: what a network learns to enlarge. */
import type { Random } from '@vqkit/core';
import { type InputImage, unitValues } from '@vqkit/images';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import { degrade, fullDegradation, mildDegradation, sharpen } from '../degrade/degrade.ts';

/** Ways to a small image: MATLAB's bicubic reduction, or what happens on the way to the web, mildly or in full. */
export const degradationNames = ['bicubic', 'mild', 'full'] as const;
export type DegradationName = (typeof degradationNames)[number];

/** The small image has a quarter of the width and height. */
export const reductionScale = 4;

/**
 * Reduces an image to a quarter of its width and height; what goes the way to the web is sharpened first.
 *
 * @param image  8-bit RGB, both sides multiples of 4.
 * @param random  What `mild` and `full` draw from; `bicubic` draws nothing.
 */
export async function reduceImage(
  image: InputImage<Uint8Array | Uint8ClampedArray>,
  degradation: DegradationName,
  random: Random,
): Promise<InputImage<Uint8Array>> {
  const size = { width: image.width / reductionScale, height: image.height / reductionScale };
  if (degradation === 'bicubic') return resizeMatlabBicubic(image, size);
  const sharp = sharpen({ ...image, data: Float32Array.from(image.data) });
  const way = degradation === 'mild' ? mildDegradation : fullDegradation;
  return { ...size, data: Uint8Array.from((await degrade(sharp, size, random, way)).data) };
}

/**
 * Reduces a crop for training.
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
  return unitValues((await reduceImage({ data: bytes, width: size, height: size }, degradation, random)).data);
}
