import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IntegerSamples, Raster } from '@vqkit/images';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePicture } from './images.ts';
import { checkFits, writePictureRows } from './picture-rows.ts';

const [width, height] = [50, 37];

/** A picture with every sample another one. */
function picture(channels: number, is16Bit: boolean): Raster<IntegerSamples> {
  const length = width * height * channels;
  const data = is16Bit
    ? Uint16Array.from({ length }, (_, i) => (i * 9173) % 65_536)
    : Uint8Array.from({ length }, (_, i) => (i * 89) % 251);
  return { data, width, height, channels };
}

/** Its rows, ten at a time. */
async function* rowsOf({ data, channels }: Raster<IntegerSamples>): AsyncGenerator<Raster<IntegerSamples>> {
  const line = width * channels;
  for (let top = 0; top < height; top += 10) {
    const part = data.subarray(top * line, (top + 10) * line);
    yield { data: part, width, height: part.length / line, channels };
  }
}

describe('writePictureRows', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-rows-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    [3, false],
    [4, false],
    [3, true],
    [4, true],
  ])('writes through a file what it writes from memory: %i channels, 16 bits: %s', async (channels, is16Bit) => {
    const image = picture(channels, is16Bit);
    const pixels = async (file: string | Uint8Array) => {
      const read = is16Bit ? sharp(file).toColourspace('rgb16') : sharp(file);
      const { data, info } = await read
        .raw({ depth: is16Bit ? 'ushort' : 'uchar' })
        .toBuffer({ resolveWithObject: true });
      return [info.channels, data.toString('base64')];
    };
    for (const format of ['png', 'webp'] as const) {
      const name = at(`a.${format}`);
      await writePictureRows(name, rowsOf(image), image, { format, mostInMemory: 0 });
      expect(await pixels(name)).toEqual(await pixels(await encodePicture(image, format)));
    }
    await writePictureRows(at('b.png'), rowsOf(image), image, { format: 'png' });
    expect(await pixels(at('b.png'))).toEqual(await pixels(at('a.png')));
    expect((await sharp(at('b.png')).metadata()).depth).toBe(is16Bit ? 'ushort' : 'uchar');
    await writePictureRows(at('a.jpg'), rowsOf(image), image, { format: 'jpg', mostInMemory: 0 });
    expect(await sharp(at('a.jpg')).metadata()).toMatchObject({ width, height, chromaSubsampling: '4:4:4' });
    expect((await readdir(folder)).sort()).toEqual(['a.jpg', 'a.png', 'a.webp', 'b.png']);
  });

  it('leaves nothing behind when it is stopped or the rows fail', async () => {
    const image = picture(3, false);
    const controller = new AbortController();
    async function* stopping() {
      for await (const part of rowsOf(image)) {
        yield part;
        controller.abort(new Error('enough'));
      }
    }
    const { signal } = controller;
    const stopped = writePictureRows(at('a.png'), stopping(), image, { format: 'png', mostInMemory: 0, signal });
    await expect(stopped).rejects.toThrow('enough');
    async function* failing() {
      yield* rowsOf(image);
      throw Object.assign(new Error('no memory'), { fix: 'Close something' });
    }
    const failed = writePictureRows(at('a.png'), failing(), image, { format: 'png', mostInMemory: 0 });
    await expect(failed).rejects.toThrow(/^no memory$/);
    const nowhere = writePictureRows(at('none/a.png'), rowsOf(image), image, { format: 'png', mostInMemory: 0 });
    await expect(nowhere).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says before long work which format cannot hold a picture', () => {
    const large = { width: 70_000, height: 9 };
    expect(() => checkFits('a.png', large, 'png')).not.toThrow();
    for (const format of ['jpg', 'webp', 'avif'] as const)
      expect(() => checkFits(`a.${format}`, large, format)).toThrow(/a format that holds 70000×9 pixels/);
  });
});
