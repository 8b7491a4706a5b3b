/** A small picture for tests of files. */
import sharp, { type Sharp } from 'sharp';
import type { IntegerSamples } from '../image.ts';
import type { Raster } from '../region.ts';

/** 8×4 pixels of one colour, with a brighter left half so that turns can be told. */
export function sample(): Sharp {
  const data = Uint8Array.from(
    { length: 8 * 4 * 3 },
    (_, i) => [200, 100, 50][i % 3]! - (Math.floor(i / 3) % 8 < 4 ? 0 : 40),
  );
  return sharp(data, { raw: { width: 8, height: 4, channels: 3 } });
}

/** Channels of the upper left pixel. */
export const firstPixel = ({ data, channels }: Raster<IntegerSamples>): number[] => [...data.subarray(0, channels)];
