import type { IntegerSamples, Raster } from '@vqkit/images';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { baselines } from './baselines.ts';

/** A smooth picture with some texture, odd in both sizes. */
const picture: Raster<IntegerSamples> = {
  data: Uint8Array.from({ length: 97 * 65 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 97, Math.floor(i / 291)];
    return 128 + 60 * Math.sin(x / 9 + (i % 3)) + 40 * Math.cos(y / 5) + ((x * 7 + y * 13) % 11);
  }),
  width: 97,
  height: 65,
  channels: 3,
};

describe('baselines', () => {
  it.each(['avif', 'webp', 'jpeg', 'avif-half'] as const)(
    '%s gives a file and the picture in it, of the same size',
    async (name) => {
      const { bytes, restored } = await baselines[name].code(picture);
      const { width, height, channels, data } = restored;
      expect({ width, height, channels }).toEqual({ width: 97, height: 65, channels: 3 });
      expect(bytes.length).toBeLessThan(2000);
      const difference = [...picture.data].map((value, i) => Math.abs(value - data[i]!));
      const error = difference.reduce((a, b) => a + b) / data.length;
      expect(error).toBeGreaterThan(1); // the lowest quality loses something …
      expect(error).toBeLessThan(40); // … and yet it is this picture
      const format = (await sharp(bytes).metadata()).format;
      expect(format).toBe(name.startsWith('avif') ? 'heif' : name);
    },
  );

  it('codes the half-size image, rounded up', async () => {
    const { width, height } = await sharp((await baselines['avif-half'].code(picture)).bytes).metadata();
    expect([width, height]).toEqual([49, 33]);
  });

  it('makes no smaller files at any other quality', async () => {
    const image = sharp(picture.data, { raw: { width: 97, height: 65, channels: 3 } });
    const smallest = (await baselines.jpeg.code(picture)).bytes.length;
    for (const quality of [2, 5, 20]) {
      expect((await image.clone().jpeg({ quality, mozjpeg: true }).toBuffer()).length).toBeGreaterThanOrEqual(smallest);
    }
  });
});
