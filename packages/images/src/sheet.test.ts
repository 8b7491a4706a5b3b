import { describe, expect, it } from 'vitest';
import type { Raster } from './region.ts';
import { imageSheet } from './sheet.ts';

const image = (value: number, width = 1, height = 1, channels = 1): Raster => ({
  data: new Uint8Array(width * height * channels).fill(value),
  width,
  height,
  channels,
});

describe('imageSheet', () => {
  it('lays images out in rows, on white', () => {
    const { data, width, height } = imageSheet(
      [1, 2, 3].map((value) => image(value)),
      { columns: 2, gap: 1 },
    );
    expect([width, height]).toEqual([5, 5]);
    const w = 255;
    expect([...data]).toEqual([w, w, w, w, w, w, 1, w, 2, w, w, w, w, w, w, w, 3, w, w, w, w, w, w, w, w]);
  });

  it('is about as wide as high, and no wider than its images', () => {
    const images = Array.from({ length: 10 }, () => image(0, 3, 2, 3));
    expect(imageSheet(images)).toMatchObject({ width: 2 + 4 * 5, height: 2 + 3 * 4, channels: 3 });
    expect(imageSheet(images.slice(0, 2), { columns: 8, gap: 0 })).toMatchObject({ width: 6, height: 2 });
  });
});
