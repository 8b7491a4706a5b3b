import { describe, expect, it } from 'vitest';
import { ImageError } from './errors.ts';
import { checkImage, joinImage, splitImage } from './image.ts';
import { cut, paste, spreadMirrored, spreadRepeated } from './region.ts';
import { rowsOf } from './rows.ts';
import { evenWindow, runTiled, tiledRows, tilesOf } from './tiles.ts';

describe('splitImage and joinImage', () => {
  it('take grey, grey with alpha, RGB and RGBA', () => {
    const size = { width: 2, height: 1 };
    const grey = splitImage({ ...size, data: Uint8Array.of(10, 200) });
    expect(grey).toMatchObject({ isGrey: true, alpha: undefined });
    expect([...grey.rgb]).toEqual([10, 10, 10, 200, 200, 200]);
    expect([...splitImage({ ...size, data: Uint8Array.of(10, 0, 200, 255) }).alpha!]).toEqual([0, 255]);
    expect(splitImage({ ...size, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }).isGrey).toBe(false);
    expect(splitImage({ ...size, data: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255) }).alpha).toBeUndefined();
  });

  it('round 16-bit samples to 8', () => {
    expect([...splitImage({ width: 1, height: 1, data: Uint16Array.of(0, 65535, 32896) }).rgb]).toEqual([0, 255, 128]);
  });

  it('give grey images back grey, and alpha back as it was', () => {
    const rgb = Uint8Array.of(100, 120, 140);
    expect([...joinImage(rgb, { width: 1, height: 1, alpha: undefined, isGrey: true }).data]).toEqual([116, 116, 116]);
    expect([...joinImage(rgb, { width: 1, height: 1, alpha: Uint8Array.of(7), isGrey: false }).data]).toEqual([
      100, 120, 140, 7,
    ]);
  });

  it('look at visible colours only, and fill hidden ones from those around them', () => {
    const split = (hidden: number[]) =>
      splitImage({
        ...{ width: 3, height: 2 },
        data: Uint8Array.from([[9, 9, 9, 255], [7, 7, 7, 1], hidden, hidden, hidden, hidden].flat()),
      });
    const [red, blue] = [split([255, 0, 0, 0]), split([0, 0, 255, 0])];
    expect(red).toEqual(blue);
    expect(red.isGrey).toBe(true);
    expect([...red.rgb.subarray(0, 6)]).toEqual([9, 9, 9, 7, 7, 7]);
    expect(red.rgb.every((value) => value >= 7 && value <= 9)).toBe(true);
    expect(red.alpha).toEqual(Uint8Array.of(255, 1, 0, 0, 0, 0));
    const nothing = splitImage({ width: 2, height: 1, data: Uint8Array.of(9, 9, 9, 0, 8, 8, 8, 0) });
    expect([...nothing.rgb]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuse sizes that do not fit the data', () => {
    for (const image of [
      { width: 2, height: 2, data: new Uint8Array(11) },
      { width: 0, height: 1, data: new Uint8Array(0) },
      { width: 1.5, height: 2, data: new Uint8Array(9) },
      { width: 2 ** 15, height: 2 ** 14, data: new Uint8Array(3) },
    ]) {
      expect(() => splitImage(image)).toThrow(/expected { data, width, height }/);
    }
  });
});

describe('checkImage', () => {
  const size = { width: 1, height: 1 };
  it.each([
    ['floats', { ...size, data: Float32Array.of(0, 0.5, 1) }, /in Float32Array.*255 \* value/],
    ['signed bytes', { ...size, data: Int8Array.of(1, 2, 3) }, /in Int8Array.*new Uint8Array\(data.buffer\)/],
    ['plain arrays', { ...size, data: [1, 2, 3] }, /in Array.*Uint8Array.from/],
    ['null', null, /got null/],
    ['a string', 'photo.png', /got a string/],
    ['the bytes of a file', Uint8Array.of(137, 80, 78, 71, 13, 10), /got a Uint8Array.*bytes of an image file/],
    [
      'the bytes of a file as data',
      { ...size, data: Uint8Array.of(255, 216, 255, 224, 0) },
      /5 samples.*bytes of an image file/,
    ],
    ['no data', size, /got a Object/],
    ['a size that is text', { data: new Uint8Array(3), width: '1', height: 1 }, /got 1×1 with 3 samples/],
  ])('refuses %s, and says what to pass', (_, image, message) => {
    expect(() => checkImage(image)).toThrow(message);
    expect(() => checkImage(image)).toThrow(ImageError);
  });
});

describe('cut and paste', () => {
  it('repeat the edge beyond it', () => {
    const raster = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2, channels: 1 };
    expect([...cut(raster, { left: 1, top: 1, width: 4, height: 2 })]).toEqual([5, 6, 6, 6, 5, 6, 6, 6]);
    // What sharp gives: nobody but Node may make a Buffer.
    const buffer = { ...raster, data: Buffer.from(raster.data) };
    for (const cutting of [
      cut(buffer, { left: 0, top: 0, width: 1, height: 1 }),
      spreadMirrored(buffer, { left: 0, top: 0, width: 1, height: 1 }).data,
    ])
      expect(cutting.constructor).toBe(Uint8Array);
  });

  it('drop what falls outside the target', () => {
    const target = { data: new Uint8Array(4), width: 2, height: 2, channels: 1 };
    const tile = { data: Uint8Array.of(1, 2, 3, 4), width: 2, height: 2, channels: 1 };
    paste(target, tile, { left: 0, top: 0, width: 2, height: 2 }, { left: 1, top: 1 });
    expect([...target.data]).toEqual([0, 0, 0, 1]);
  });
});

describe('spreadMirrored', () => {
  it('goes on beyond every edge with the picture in a mirror, again and again', () => {
    const raster = { data: Uint32Array.of(1, 2, 3), width: 3, height: 1, channels: 1 };
    const wide = spreadMirrored(raster, { left: -4, top: 0, width: 11, height: 1 });
    expect([...wide.data]).toEqual([3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1]);
    expect([...spreadMirrored(raster, { left: 0, top: -1, width: 1, height: 3 }).data]).toEqual([1, 1, 1]);
  });
});

describe('spreadRepeated', () => {
  it('goes on beyond every edge with the nearest pixel', () => {
    const raster = { data: Uint8Array.of(1, 2, 3, 4), width: 2, height: 2, channels: 1 };
    const wide = spreadRepeated(raster, { left: -2, top: -1, width: 5, height: 3 });
    expect([...wide.data]).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4]);
    expect([...spreadRepeated(raster, { left: 1, top: 1, width: 1, height: 3 }).data]).toEqual([4, 4, 4]);
  });
});

describe('runTiled', () => {
  const blur = (part: { data: Uint8Array; width: number; height: number }) => {
    const data = part.data.map((value, i) => {
      const x = i % part.width;
      return (value + (part.data[i - (x > 0 ? 1 : 0)] ?? 0) + part.data[i + (x + 1 < part.width ? 1 : 0)]!) / 3;
    });
    return Promise.resolve({ ...part, data, channels: 1 });
  };
  const image = {
    data: Uint8Array.from({ length: 37 * 23 }, (_, i) => (i * 89) % 251),
    width: 37,
    height: 23,
    channels: 1,
  };

  it('gives what a run over the whole image gives', async () => {
    expect(await runTiled(image, blur, { window: 9, halo: 2 })).toEqual(await blur(image));
  });

  it('aligns windows and what is kept of them, and covers every grid once with windows of one size', async () => {
    const options = { window: 20, halo: 4, align: 4 };
    expect(await runTiled(image, blur, options)).toEqual(await blur(image));
    for (let width = 15; width < 70; width++) {
      const tiles = tilesOf(37, width, options);
      expect(new Set(tiles.map(({ window }) => `${window.width}×${window.height}`)).size).toBe(1);
      for (const { window, kept } of tiles)
        expect([window.left, window.top, kept.left, kept.top].every((at) => at % 4 === 0)).toBe(true);
      expect(tiles.reduce((sum, { kept }) => sum + kept.width * kept.height, 0)).toBe(37 * width);
    }
    expect(() => tilesOf(50, 50, { window: 14, halo: 4, align: 4 })).toThrow(/aligned to 4/);
    expect(() => tilesOf(50, 50, { window: 20, halo: 3, align: 2 })).toThrow(/aligned to 2/);
  });

  it('takes results of another size, and fills images up to whole cells', async () => {
    const twice = await runTiled(
      image,
      async (part) => ({
        data: Uint32Array.from({ length: part.data.length * 4 }, (_, i) => {
          const [x, y] = [i % (2 * part.width), Math.floor(i / (2 * part.width))];
          return part.data[(y >> 1) * part.width + (x >> 1)]!;
        }),
        channels: 1,
      }),
      { window: 10, halo: 3, scale: 2 },
    );
    expect([twice.width, twice.height]).toEqual([74, 46]);
    expect(twice.data[45 * 74 + 73]).toBe(image.data.at(-1));
    const quarter = await runTiled(
      image,
      async (part) => {
        const [width, height] = [part.width / 4, part.height / 4];
        const at = (i: number) => part.data[Math.floor(i / width) * 4 * part.width + (i % width) * 4]!;
        return { data: Uint8Array.from({ length: width * height }, (_, i) => at(i)), channels: 1 };
      },
      { window: 16, halo: 4, scale: 1 / 4 },
    );
    expect([quarter.width, quarter.height]).toEqual([10, 6]);
    expect(quarter.data[5 * 10 + 9]).toBe(image.data[20 * 37 + 36]);
  });

  it('makes rows when they are asked for, and forgets those above', async () => {
    const whole = await runTiled(image, blur, { window: 9, halo: 2 });
    for (const step of [1, 4, 7, 23]) {
      let read = 0;
      const source = {
        ...rowsOf(image),
        read: (top: number, height: number) => {
          read = top + height;
          return rowsOf(image).read(top, height);
        },
      };
      const rows = tiledRows(source, blur, { window: 9, halo: 2 });
      expect([rows.width, rows.height]).toEqual([37, 23]);
      const parts: number[] = [];
      for (let top = 0; top < 23; top += step) {
        const height = Math.min(step, 23 - top);
        const part = await rows.read(top, height);
        expect(part).toMatchObject({ width: 37, height, channels: 1 });
        expect(read).toBeLessThanOrEqual(Math.min(top + height + 9, 23));
        parts.push(...part.data);
      }
      expect(parts).toEqual([...whole.data]);
    }
    const stacked = tiledRows(tiledRows(rowsOf(image), blur, { window: 9, halo: 2 }), blur, { window: 13, halo: 3 });
    const expected = await runTiled(whole, blur, { window: 50, halo: 0 });
    const [upper, lower] = [await stacked.read(0, 11), await stacked.read(11, 12)];
    expect([...upper.data, ...lower.data]).toEqual([...expected.data]);
  });

  it('refuses tiles that would never end or do not fit', async () => {
    for (const options of [
      { window: 10, halo: 5 },
      { window: 0, halo: 0 },
      { window: 9.5, halo: 1 },
      { window: Number.NaN, halo: 1 },
      { window: 10, halo: -1 },
      { window: 10, halo: 2, scale: 1.5 },
      { window: 10, halo: 2, scale: 0 },
      { window: 10, halo: 2, scale: 1 / 4 },
      { window: 10, halo: 2, scale: 2 }, // blur gives results of the window's size
    ]) {
      await expect(runTiled(image, blur, options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });

  it('says how far it is, and stops between tiles when asked to', async () => {
    const seen: string[] = [];
    await runTiled(image, blur, { window: 20, halo: 2, onTile: (done, total) => seen.push(`${done}/${total}`) });
    expect(seen[0]).toBe('0/6');
    expect(seen.at(-1)).toBe('6/6');
    const controller = new AbortController();
    const onTile = (done: number): void => {
      if (done === 2) controller.abort(new Error('enough'));
    };
    const stopped = runTiled(image, blur, { window: 5, halo: 1, signal: controller.signal, onTile });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('tilesOf', () => {
  it.each([
    [1, 1],
    [80, 80],
    [81, 80],
    [100, 300],
    [1, 5000],
    [500, 7],
  ])('covers %i×%i positions exactly once, with context on every inner side', (height, width) => {
    const counts = new Uint8Array(height * width);
    for (const { window, kept } of tilesOf(height, width, { window: 80, halo: 8 })) {
      expect(window.left + window.width).toBeLessThanOrEqual(width);
      expect(window.top + window.height).toBeLessThanOrEqual(height);
      if (window.left > 0) expect(kept.left).toBeGreaterThanOrEqual(8);
      if (window.left + window.width < width) expect(window.width - kept.left - kept.width).toBeGreaterThanOrEqual(8);
      if (window.top > 0) expect(kept.top).toBeGreaterThanOrEqual(8);
      for (let y = 0; y < kept.height; y++)
        for (let x = 0; x < kept.width; x++)
          counts[(window.top + kept.top + y) * width + window.left + kept.left + x]!++;
    }
    expect(counts.every((n) => n === 1)).toBe(true);
  });

  it('takes windows of any two sides, and the smallest that need no more tiles', () => {
    for (const align of [1, 4]) {
      const options = { window: { width: 80, height: 64 }, halo: 8, align };
      for (let side = 4; side < 700; side += align) {
        const size = { width: side, height: 300 };
        const even = { ...options, window: evenWindow(size, options) };
        const [before, after] = [options, even].map((own) => tilesOf(size.height, size.width, own));
        expect(after!.length).toBeLessThanOrEqual(before!.length);
        const area = (tiles: typeof before): number =>
          tiles!.reduce((sum, { window: w }) => sum + w.width * w.height, 0);
        expect(area(after)).toBeLessThanOrEqual(area(before));
        expect(after!.reduce((sum, { kept }) => sum + kept.width * kept.height, 0)).toBe(side * 300);
        expect(after!.every(({ window }) => window.width <= 80 || after!.length === 1)).toBe(true);
      }
    }
    expect(evenWindow({ width: 256, height: 256 }, { window: 146, halo: 9 })).toEqual({ width: 137, height: 137 });
    expect(evenWindow({ width: 90, height: 30 }, { window: 64, halo: 8 })).toEqual({ width: 64, height: 64 });
  });

  it('uses windows of one size', () => {
    const sizes = new Set(
      tilesOf(200, 300, { window: 80, halo: 8 }).map(({ window }) => `${window.width}×${window.height}`),
    );
    expect([...sizes]).toEqual(['80×80']);
  });
});
