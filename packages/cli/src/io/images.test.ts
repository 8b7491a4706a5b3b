import type { IntegerSamples, Raster } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { encodePicture, formatOf, readPicture } from './images.ts';

describe('encodePicture', () => {
  const picture: Raster<IntegerSamples> = {
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
