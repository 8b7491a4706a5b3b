/** Photos of noise, for tests: the same at every run, which sharp's own noise is not. */
import { random } from '@vqkit/core';

/** What noise looks like; samples are normally distributed, cut off at 0 and 255. */
export interface NoiseOptions {
  readonly width: number;
  readonly height: number;
  readonly mean?: number;
  readonly deviation?: number;
  readonly seed?: number;
}

/** Arguments of `sharp` that open a photo of noise: `sharp(...noisePhoto({ width: 96, height: 64 }))`. */
export function noisePhoto({ width, height, mean = 128, deviation = 40, seed = 1 }: NoiseOptions) {
  const samples = random(seed).normalArray(width * height * 3, mean, deviation);
  return [Uint8ClampedArray.from(samples), { raw: { width, height, channels: 3 } }] as const;
}
