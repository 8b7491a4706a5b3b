/** Files that are no plain pictures: other kinds and depths, damage, limits, gamma, animations, HDR. */
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { IntegerSamples } from '../image.ts';
import type { Raster } from '../region.ts';
import { firstPixel, sample } from '../testing/sample-picture.ts';
import { readPicture } from './read-picture.ts';

describe('readPicture, for what is not plain', () => {
  const warnings: string[] = [];
  const read = (file: Uint8Array, name?: string): Promise<Raster<IntegerSamples>> =>
    readPicture(file, { name, onWarn: (text) => warnings.push(text) });
  const refusal = async (file: Uint8Array): Promise<string> => {
    const error = await read(file).then(
      () => expect.unreachable(),
      (reason: { code: string; message: string }) => reason,
    );
    expect(error.code).toBe('IMAGE_UNREADABLE');
    expect(error.message.split('\n')).toHaveLength(1);
    return error.message;
  };

  it.each([
    ['32-bit floats', 32, 3, 'float'],
    ['32-bit integers', 32, 1, 'uint'],
    ['signed integers', 16, 2, 'short'],
    ['12 bits', 12, 1, '12'],
  ])('refuses TIFFs of %s', async (_, bits, format, name) => {
    const message = await refusal(tiff({ width: 4, height: 2, bits, format }));
    expect(message).toMatch(name);
    expect(message).toMatch('8 or 16 bits');
  });

  it('reads TIFFs of 8 and 16 bits', async () => {
    expect((await read(tiff({ width: 4, height: 2, bits: 16, format: 1 }))).data).toBeInstanceOf(Uint16Array);
    expect((await read(tiff({ width: 4, height: 2, bits: 8, format: 1 }))).width).toBe(4);
  });

  it.each([
    ['HEIC', '\0\0\0\x18ftypheic'],
    ['HEIC', '\0\0\0\x1cftypmif1\0\0\0\0mif1heic'],
    ['JPEG XL', '\xff\x0a\x01\x02'],
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n'],
    ['Photoshop', '8BPS\0\x01'],
    ['PDF', '%PDF-1.7'],
    ['PAM', 'P7\nWIDTH 1\n'],
    ['PFM', 'PF\n1 1\n-1.0\n\0\0\0\0'],
    ['icon', '\0\0\x01\0\x01\0\x10\x10'],
    ['raw', 'II*\0\x10\0\0\0CR\x02\0'],
    ['video', '\0\0\0 ftypisom'],
    ['archive', 'PK\x03\x04'],
    ['no kind that is known', '\0\x01\x02\x03\x04'],
    [
      'drawing of no size, or of more than 268435456 pixels',
      '<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"/>',
    ],
    ['text', 'not a photo'],
    ['empty', ''],
  ])('names %s and what to do', async (name, start) => {
    expect(await refusal(Buffer.from(start, 'latin1'))).toMatch(name);
  });

  it('names the limit of pixels', async () => {
    // A header is enough: 20,000² pixels in a PNG whose data never come.
    const file = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    file.writeUInt32BE(20_000, 16);
    file.writeUInt32BE(20_000, 20);
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
    expect(await refusal(file)).toMatch(/more than 268435456 pixels/);
    const bitmap = Buffer.alloc(60);
    bitmap.write('BM');
    bitmap.writeInt32LE(20_000, 18);
    bitmap.writeInt32LE(-20_000, 22);
    expect(await refusal(bitmap)).toMatch(/more than 268435456 pixels/);
    expect(await refusal(Buffer.from('P6 20000 20000 255\n'))).toMatch(/more than 268435456 pixels/);
  });

  it.each([
    ['P3 2 1 # two\n255 1 2 3 255 0 9', [1, 2, 3, 255, 0, 9]],
    ['P2\n2 1\n100\n0 50', [0, 0, 0, 128, 128, 128]],
    ['P1\n2 1\n10', [0, 0, 0, 255, 255, 255]],
    ['P6 1 1 255\nabc', [97, 98, 99]],
    ['P5 2 1 255\nab', [97, 97, 97, 98, 98, 98]],
    ['P4 9 1\n\x80\x80', [...Array(3).fill(0), ...Array(21).fill(255), ...Array(3).fill(0)]],
  ])('reads Netpbm: %j', async (text, pixels) => {
    expect([...(await read(Buffer.from(text, 'latin1'))).data]).toEqual(pixels);
  });

  it('reads 16-bit Netpbm, scaled to the whole range', async () => {
    const { data } = await read(Buffer.from('P5 2 1 1023\n\x03\xff\x02\x00', 'latin1'));
    expect([...data.filter((_, i) => i % 3 === 0)]).toEqual([65535, Math.round((512 * 65535) / 1023)]);
  });

  it.each(['P6 2 2 255\nabc', 'P6 0 2 255\n', 'P6 2', 'P2 1 1 255 x', 'P5 1 1 9\n\xff'])(
    'refuses the broken Netpbm %j',
    async (text) => {
      await refusal(Buffer.from(text, 'latin1'));
    },
  );

  it('reads BMP of 24 and 32 bits', async () => {
    const rows = Buffer.from([30, 20, 10, 60, 50, 40, 0, 0]); // blue first, rows padded to 4 bytes
    const file = Buffer.concat([bitmapHeader(2, 1, 24), rows]);
    const { data, ...rest } = await read(file);
    expect({ ...rest, data: [...data] }).toEqual({ width: 2, height: 1, channels: 3, data: [10, 20, 30, 40, 50, 60] });
    await refusal(file.subarray(0, file.length - 6));
  });

  it.each([
    ['no such depth', 28, 0],
    ['no such depth', 28, 64],
    ['a JPEG inside', 30, 4],
    ['runs of 4 bits in 24', 30, 2],
    ['samples behind the end', 10, 0x7fff_ffff],
    ['more rows than there are', 22, 9],
  ])('refuses a BMP with %s, which would come out black', async (_, at, value) => {
    const file = Buffer.concat([bitmapHeader(2, 1, 24), Buffer.from([30, 20, 10, 60, 50, 40, 0, 0])]);
    if (at === 28) file.writeUInt16LE(value, at);
    else file.writeUInt32LE(value, at);
    await refusal(file);
  });

  it('applies the gamma of a PNG, but not 1/2.2, and not beside a profile', async () => {
    const grey = await sharp(Uint8Array.of(55, 55, 55), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const withChunk = (name: string, value: Buffer): Buffer =>
      Buffer.concat([grey.subarray(0, 33), chunk(name, value), grey.subarray(33)]);
    const gamma = (value: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return withChunk('gAMA', bytes);
    };
    // 55/255 = 0.2157 of light is 0.5017 in sRGB.
    expect((await read(gamma(100_000))).data[0]).toBe(128);
    expect((await read(gamma(45_455))).data[0]).toBe(55);
    expect((await read(grey)).data[0]).toBe(55);
    const profiled = await sharp(gamma(100_000)).withIccProfile('srgb').png().toBuffer();
    expect((await read(profiled)).data[0]).toBe(55);
  });

  it('takes steps of sharp between file and samples, for every format', async () => {
    const prepare = (image: Sharp): Sharp => image.flatten({ background: '#ffffff' }).resize(2, 2, { fit: 'fill' });
    const bitmap = Buffer.concat([bitmapHeader(2, 1, 24), Buffer.from([30, 20, 10, 30, 20, 10, 0, 0])]);
    const clear = await sharp({ create: { width: 3, height: 3, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    for (const [file, colour] of [
      [bitmap, [10, 20, 30]],
      [Buffer.from('P2 1 1 255 7'), [7, 7, 7]],
      [clear, [255, 255, 255]],
    ] as const) {
      const picture = await readPicture(file, { prepare });
      expect([picture.width, picture.height, picture.channels]).toEqual([2, 2, 3]);
      expect([...picture.data]).toEqual([...colour, ...colour, ...colour, ...colour]);
    }
  });

  it('reads the first picture of animations and pages, and says how many there are', async () => {
    const frames = Buffer.concat([
      Buffer.alloc(4 * 4 * 3, 200),
      Buffer.alloc(4 * 4 * 3, 20),
      Buffer.alloc(4 * 4 * 3, 90),
    ]);
    const strip = sharp(frames, { raw: { width: 4, height: 12, channels: 3, pageHeight: 4 } });
    const still = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#c8c8c8' } })
      .png()
      .toBuffer();
    const control = Buffer.alloc(8);
    control.writeUInt32BE(3);
    const animated = Buffer.concat([still.subarray(0, 33), chunk('acTL', control), still.subarray(33)]);
    for (const [name, file] of [
      ['a.gif', await strip.clone().gif().toBuffer()],
      ['a.webp', await strip.clone().webp({ lossless: true }).toBuffer()],
      ['a.tif', await strip.clone().tiff({ compression: 'none' }).toBuffer()],
      ['a.png', animated],
    ] as const) {
      const before = warnings.length;
      const picture = await read(file, name);
      expect([picture.width, picture.height], name).toEqual([4, 4]);
      expect(firstPixel(picture).slice(0, 3), name).toEqual([200, 200, 200]);
      expect(warnings.slice(before), name).toEqual([`${name} holds 3 pictures: the first is read`]);
    }
    const before = warnings.length;
    await read(still);
    await read(await sharp(still).gif().toBuffer());
    expect(warnings).toHaveLength(before);
  });

  it('warns of HDR', async () => {
    const plain = await sample().png().toBuffer();
    const file = Buffer.concat([plain.subarray(0, 33), chunk('cICP', Buffer.from([9, 16, 0, 1])), plain.subarray(33)]);
    await read(file, 'sun.png');
    expect(warnings.at(-1)).toMatch(/sun\.png.*HDR.*PQ/);
  });
});

function chunk(name: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), value]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(value.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function bitmapHeader(width: number, height: number, bits: number): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + Math.ceil((width * bits) / 32) * 4 * height, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  return header;
}

/** An uncompressed grey TIFF of zeros. @see TIFF 6.0: `format` is tag 339, 1 unsigned, 2 signed, 3 float. */
function tiff({
  width,
  height,
  bits,
  format,
}: {
  width: number;
  height: number;
  bits: number;
  format: number;
}): Buffer {
  const bytes = Math.ceil((width * bits) / 8) * height;
  const tags = [
    ...[
      [256, width],
      [257, height],
      [258, bits],
      [259, 1],
      [262, 1],
      [273, 8 + 2 + 10 * 12 + 4],
    ],
    ...[
      [277, 1],
      [278, height],
      [279, bytes],
      [339, format],
    ],
  ] as [number, number][];
  const file = Buffer.alloc(8 + 2 + tags.length * 12 + 4 + bytes);
  file.write('II*\0\x08', 'latin1');
  file.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, value], i) => {
    file.writeUInt16LE(tag, 10 + 12 * i);
    file.writeUInt16LE(4, 12 + 12 * i);
    file.writeUInt32LE(1, 14 + 12 * i);
    file.writeUInt32LE(value, 18 + 12 * i);
  });
  return file;
}
