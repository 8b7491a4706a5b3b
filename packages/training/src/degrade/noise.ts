/** Camera noise: added (Gaussian), or that of counting light (Poisson). Seeded; the image stays between 0 and 255. */
import type { Random } from '@vqkit/core';
import type { FloatImage } from './float-image.ts';

/** A noise and how strong it is. */
export interface NoiseOptions {
  /** Standard deviation in levels of 255, or the factor on the noise of counting. */
  readonly strength: number;
  /** The same noise in all channels. */
  readonly isGray: boolean;
}

/** `noiseOf(pixel, channel)` added to each value; for gray noise channel 0 is used for all. */
function addNoise(image: FloatImage, isGray: boolean, noiseOf: (i: number) => number): FloatImage {
  const data = new Float32Array(image.data.length);
  for (let pixel = 0; pixel < data.length; pixel += 3) {
    const shared = isGray ? noiseOf(pixel) : 0;
    for (let c = 0; c < 3; c++) {
      const value = image.data[pixel + c]! + (isGray ? shared : noiseOf(pixel + c));
      data[pixel + c] = Math.min(Math.max(value, 0), 255);
    }
  }
  return { ...image, data };
}

/** Gaussian noise. */
export function addGaussianNoise(image: FloatImage, random: Random, { strength, isGray }: NoiseOptions): FloatImage {
  const noise = random.normalArray(image.data.length, 0, strength);
  return addNoise(image, isGray, (i) => noise[i]!);
}

/** Above this mean a Poisson variable is drawn as a rounded normal one; their distributions differ by less than 1 %. */
const manyCounts = 40;

/** A Poisson variable, by inversion: one uniform variable goes up the distribution. @param normal  A standard normal one, for large means. */
function poisson(random: Random, mean: number, normal: number): number {
  if (mean > manyCounts) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  let count = 0;
  let probability = Math.exp(-mean);
  // The sum of all probabilities may stay below 1 by rounding: so far out none counts.
  for (let left = random.next() - probability; left > 0 && probability > 0; left -= probability) {
    count++;
    probability *= mean / count;
  }
  return count;
}

/**
 * Noise of counting: as if white were so many counts as the image has levels, rounded up to a power of 2. `strength`
 * multiplies the difference that it makes. Gray noise is that of the luma.
 *
 * @see Real-ESRGAN's `generate_poisson_noise`
 */
export function addPoissonNoise(image: FloatImage, random: Random, { strength, isGray }: NoiseOptions): FloatImage {
  const levels = new Set(image.data.map(Math.round)).size;
  const counts = 2 ** Math.ceil(Math.log2(Math.max(levels, 2)));
  const { data } = image;
  const normal = random.normalArray(data.length, 0, 1);
  return addNoise(image, isGray, (i) => {
    const value = isGray ? 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]! : data[i]!;
    return ((poisson(random, (Math.max(value, 0) / 255) * counts, normal[i]!) * 255) / counts - value) * strength;
  });
}
