/** Whether drawn images were copied: how near the nearest training image is, and which. */
import type { Raster } from '@vqkit/images';

/** The training image that is nearest, and the root of the mean squared difference of pixels on [0, 255]. */
export interface Nearest {
  readonly index: number;
  readonly distance: number;
}

/** Finds the nearest training image of each, by pixels. */
export function nearestOf(images: readonly Raster[], train: readonly Raster[]): Nearest[] {
  return images.map(({ data }) => {
    let [index, least] = [0, Number.POSITIVE_INFINITY];
    train.forEach((other, at) => {
      let sum = 0;
      for (let i = 0; i < data.length && sum < least; i++) sum += (data[i]! - other.data[i]!) ** 2;
      if (sum < least) [index, least] = [at, sum];
    });
    return { index, distance: Math.sqrt(least / data.length) };
  });
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
