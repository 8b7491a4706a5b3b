import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePicture, formatOf, type Picture, readPicture, to8Bit } from './images.ts';

/** 8×4 pixels of one colour, with a brighter left half so that turns can be told. */
function sample(): Sharp {
  const data = Uint8Array.from(
    { length: 8 * 4 * 3 },
    (_, i) => [200, 100, 50][i % 3]! - (Math.floor(i / 3) % 8 < 4 ? 0 : 40),
  );
  return sharp(data, { raw: { width: 8, height: 4, channels: 3 } });
}

const firstPixel = ({ data, channels }: Picture): number[] => [...data.subarray(0, channels)];

describe('readPicture', () => {
  it('turns pictures upright by their EXIF orientation', async () => {
    const file = await sample().withMetadata({ orientation: 6 }).png().toBuffer();
    const picture = await readPicture(file, 'a.png');
    expect([picture.width, picture.height]).toEqual([4, 8]);
    expect(firstPixel(picture)).toEqual([200, 100, 50]);
    expect([...picture.data.slice(-3)]).toEqual([160, 60, 10]);
  });

  it('keeps alpha', async () => {
    const picture = await readPicture(await sample().ensureAlpha(0.5).png().toBuffer(), 'a.png');
    expect(picture.channels).toBe(4);
    expect(firstPixel(picture)).toEqual([200, 100, 50, 127]);
  });

  it('keeps 16 bits', async () => {
    const values = Uint16Array.from([0, 257, 1000, 40_000, 65_535, 12_345]);
    const file = await sharp(values, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const picture = await readPicture(file, 'a.png');
    expect(picture.data).toBeInstanceOf(Uint16Array);
    expect([...picture.data]).toEqual([...values]);
    // Rounded, not cut off: 1000/257 = 3.89
    expect([...to8Bit(picture)]).toEqual([0, 1, 4, 156, 255, 48]);
  });

  it.each(['b-w', 'grey16'] as const)('makes three equal channels of %s', async (space) => {
    const picture = await readPicture(await sample().toColourspace(space).png().toBuffer(), 'a.png');
    expect(picture.channels).toBe(3);
    const [r, g, b] = firstPixel(picture);
    expect([g, b]).toEqual([r, r]);
  });

  it('converts CMYK to sRGB', async () => {
    const file = await sample().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(4);
    const picture = await readPicture(file, 'a.jpg');
    expect(picture.channels).toBe(3);
    // The gamut of print is smaller: colours come back near, not equal.
    const [r, g, b] = firstPixel(picture) as [number, number, number];
    expect(Math.abs(r - 200) + Math.abs(g - 100) + Math.abs(b - 50)).toBeLessThan(60);
  });

  it('converts other profiles to sRGB', async () => {
    const file = await sample().withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored.subarray(0, 3)]).not.toEqual([200, 100, 50]);
    firstPixel(await readPicture(file, 'a.png')).forEach((value, i) => {
      expect(Math.abs(value - [200, 100, 50][i]!)).toBeLessThanOrEqual(1); // two roundings on the way
    });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['noise', Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256)],
  ])('calls %s unreadable', async (_, bytes) => {
    await expect(readPicture(bytes, 'a.png')).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it.each(['png', 'jpeg'] as const)('calls half a %s unreadable', async (format) => {
    const noise = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    });
    const file = await noise.toFormat(format).toBuffer();
    await expect(readPicture(file.subarray(0, file.length >> 1), 'a')).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
  });
});

describe('encodePicture', () => {
  const picture: Picture = {
    data: Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 128 : 90)),
    width: 16,
    height: 16,
    channels: 4,
  };

  it.each(['png', 'webp', 'avif'] as const)('keeps alpha in %s', async (format) => {
    const { channels, width, height } = await readPicture(await encodePicture(picture, format), 'a');
    expect({ channels, width, height }).toEqual({ channels: 4, width: 16, height: 16 });
  });

  it('puts transparent pictures onto white in JPEG', async () => {
    const restored = await readPicture(await encodePicture(picture, 'jpg'), 'a');
    expect(restored.channels).toBe(3);
    expect(Math.abs(restored.data[0]! - (90 * 128 + 255 * 127) / 255)).toBeLessThan(4); // JPEG at quality 95
  });
});

describe('formatOf', () => {
  it('goes by the extension, in any case', () => {
    expect(['a.png', 'b.JPG', 'c.jpeg', 'd.webp', 'e.avif', '-'].map(formatOf)).toEqual([
      'png',
      'jpg',
      'jpg',
      'webp',
      'avif',
      'png',
    ]);
  });

  it.each(['a.bmp', 'a', 'png', 'png.'])("does not know '%s'", (path) => {
    expect(() => formatOf(path)).toThrow(expect.objectContaining({ code: 'FORMAT_UNKNOWN', exitCode: 2 }));
  });
});
