import sharp, { type OutputInfo } from 'sharp';
import { describe, expect, it } from 'vitest';
import { sideBySide } from './side-by-side.ts';

async function drawn(width: number, height: number, count = 3): Promise<OutputInfo & { data: Buffer }> {
  const picture = { data: new Uint8Array(width * height * 3).fill(200), width, height, channels: 3 as const };
  const panels = Array.from({ length: count }, (_, i) => ({ title: `Panel ${i}`, facts: '12 bytes', picture }));
  const { data, info } = await sharp(await sideBySide(panels))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { ...info, data };
}

describe('sideBySide', () => {
  it('sets wide pictures two by two, at their size, over their labels', async () => {
    const { width, height, channels, data } = await drawn(768, 512);
    expect([width, height]).toEqual([2 * 768 + 3 * 16, 2 * (512 + 76) + 16]);
    expect(data[(20 * width + 20) * channels]).toBe(200);
    const label = data.subarray((16 + 512) * width * channels, (16 + 512 + 76) * width * channels);
    expect(label.some((value) => value > 250)).toBe(true); // white letters
  });

  it('sets tall pictures in a row', async () => {
    const { width, height } = await drawn(512, 768);
    expect([width, height]).toEqual([3 * (640 + 16) + 16, 768 + 76 + 16]);
  });

  it.each([
    [1, 1],
    [3000, 2],
    [2, 3000],
    [4000, 3000],
  ])('draws pictures of %d×%d at a size that can be looked at', async (w, h) => {
    const { width, height } = await drawn(w, h, 2);
    expect(Math.max(width, height)).toBeLessThan(2500);
    expect(width).toBeGreaterThan(640);
  });
});
