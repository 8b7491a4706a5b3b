/** Pictures as cameras and editors write them. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { noisePhoto } from '../../../../tooling/noise-photo.ts';
import { to8Bit } from '../image.ts';
import { firstPixel, sample } from '../testing/sample-picture.ts';
import { readPicture } from './read-picture.ts';

describe('readPicture', () => {
  it('turns pictures upright by their EXIF orientation', async () => {
    const file = await sample().withMetadata({ orientation: 6 }).png().toBuffer();
    const picture = await readPicture(file);
    expect([picture.width, picture.height]).toEqual([4, 8]);
    expect(firstPixel(picture)).toEqual([200, 100, 50]);
    expect([...picture.data.slice(-3)]).toEqual([160, 60, 10]);
  });

  it('keeps alpha', async () => {
    const picture = await readPicture(await sample().ensureAlpha(0.5).png().toBuffer());
    expect(picture.channels).toBe(4);
    expect(firstPixel(picture)).toEqual([200, 100, 50, 127]);
  });

  it('keeps 16 bits', async () => {
    const values = Uint16Array.from([0, 257, 1000, 40_000, 65_535, 12_345]);
    const file = await sharp(values, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const picture = await readPicture(file);
    expect(picture.data).toBeInstanceOf(Uint16Array);
    expect([...picture.data]).toEqual([...values]);
    // Rounded, not cut off: 1000/257 = 3.89
    expect([...to8Bit(picture)]).toEqual([0, 1, 4, 156, 255, 48]);
  });

  it.each(['b-w', 'grey16'] as const)('makes three equal channels of %s', async (space) => {
    const picture = await readPicture(await sample().toColourspace(space).png().toBuffer());
    expect(picture.channels).toBe(3);
    const [r, g, b] = firstPixel(picture);
    expect([g, b]).toEqual([r, r]);
  });

  it('converts CMYK to sRGB', async () => {
    const file = await sample().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(4);
    const picture = await readPicture(file);
    expect(picture.channels).toBe(3);
    // The gamut of print is smaller: colours come back near, not equal.
    const [r, g, b] = firstPixel(picture) as [number, number, number];
    expect(Math.abs(r - 200) + Math.abs(g - 100) + Math.abs(b - 50)).toBeLessThan(60);
  });

  it('converts other profiles to sRGB', async () => {
    const file = await sample().withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored.subarray(0, 3)]).not.toEqual([200, 100, 50]);
    firstPixel(await readPicture(file)).forEach((value, i) => {
      expect(Math.abs(value - [200, 100, 50][i]!)).toBeLessThanOrEqual(1); // two roundings on the way
    });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['noise', Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256)],
  ])('calls %s unreadable', async (_, bytes) => {
    await expect(readPicture(bytes)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it.each(['png', 'jpeg'] as const)('calls half a %s unreadable', async (format) => {
    const file = await sharp(...noisePhoto({ width: 64, height: 64 }))
      .toFormat(format)
      .toBuffer();
    await expect(readPicture(file.subarray(0, file.length >> 1))).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
  });
});
