import { describe, expect, it } from 'vitest';
import { joinImage, splitImage } from './image.ts';
import { cut, paste } from './region.ts';
import { tilesOf } from './tiles.ts';

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

  it('refuse sizes that do not fit the data', () => {
    for (const image of [
      { width: 2, height: 2, data: new Uint8Array(11) },
      { width: 0, height: 1, data: new Uint8Array(0) },
      { width: 1.5, height: 2, data: new Uint8Array(9) },
      { width: 2 ** 15, height: 2 ** 14, data: new Uint8Array(3) },
    ]) {
      expect(() => splitImage(image)).toThrow(/expected width and height/);
    }
  });
});

describe('cut and paste', () => {
  it('repeat the edge beyond it', () => {
    const raster = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2, channels: 1 };
    expect([...cut(raster, { left: 1, top: 1, width: 4, height: 2 })]).toEqual([5, 6, 6, 6, 5, 6, 6, 6]);
  });

  it('drop what falls outside the target', () => {
    const target = { data: new Uint8Array(4), width: 2, height: 2, channels: 1 };
    const tile = { data: Uint8Array.of(1, 2, 3, 4), width: 2, height: 2, channels: 1 };
    paste(target, tile, { left: 0, top: 0, width: 2, height: 2 }, { left: 1, top: 1 });
    expect([...target.data]).toEqual([0, 0, 0, 1]);
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

  it('uses windows of one size', () => {
    const sizes = new Set(tilesOf(200, 300).map(({ window }) => `${window.width}×${window.height}`));
    expect([...sizes]).toEqual(['80×80']);
  });
});
