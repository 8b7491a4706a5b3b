import { type Backend, cpu, random } from '@vqkit/core';
import type { InputImage, IntegerSamples, Raster } from '@vqkit/images';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { backendsUnderTest, webgpuUnderTest } from '../../../tooling/backends-under-test.ts';
import { tinyWeights } from '../../../tooling/tiny-sr-weights.ts';
import { createUpscaler, type UpscaledTile, type Upscaler } from './upscaler.ts';

const backend = cpu();
// Where there is a Vulkan driver; Chromium has its own in browser.test.ts.
const webgpu = await webgpuUnderTest();
let upscaler: Upscaler;
beforeAll(async () => {
  upscaler = await createUpscaler(await tinyWeights(), { backend });
});
afterAll(() => upscaler.dispose());

/** A method that keeps its object, or a value. */
function bound(own: Backend, name: string | symbol): unknown {
  const value: unknown = Reflect.get(own, name);
  return typeof value === 'function' ? value.bind(own) : value;
}

/** Soft colours with some detail. */
function picture(width: number, height: number, channels = 3): InputImage<Uint8Array> {
  const stream = random(width * height);
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return 128 + 80 * Math.sin((pixel % width) / 3 + (i % channels)) + 30 * stream.next();
  });
  return { data, width, height };
}

const largestDifference = (a: Raster<IntegerSamples>, b: Raster<IntegerSamples>): number =>
  Array.from(a.data).reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);

describe('upscale', () => {
  it('makes images of any size four times as large, and any other size from that', async () => {
    for (const [width, height] of [
      [1, 1],
      [3, 5],
      [16, 12],
      [21, 18],
    ] as const) {
      const { data, ...size } = await upscaler.upscale(picture(width, height));
      expect(size).toEqual({ width: 4 * width, height: 4 * height, channels: 3 });
      expect(data).toHaveLength(48 * width * height);
    }
    const sizesOf = async (options: object) => {
      const { width, height } = await upscaler.upscale(picture(20, 10), options);
      return [width, height];
    };
    expect(await sizesOf({ scale: 2 })).toEqual([40, 20]);
    expect(await sizesOf({ scale: 2.55 })).toEqual([51, 26]);
    expect(await sizesOf({ width: 30 })).toEqual([30, 15]);
    expect(await sizesOf({ height: 33 })).toEqual([66, 33]);
    expect(await sizesOf({ width: 7, height: 99 })).toEqual([7, 99]);
  });

  it('gives the same in tiles as at once', async () => {
    const tiled = await createUpscaler(await tinyWeights(), { backend, tile: 8 });
    // Larger than a window of both networks: 96 and 2·16 pixels.
    const image = picture(150, 106);
    const tiles: UpscaledTile[] = [];
    const done: number[] = [];
    const parts = await tiled.upscale(image, {
      onTile: (tile) => tiles.push(tile),
      onProgress: (progress) => done.push(progress.done / progress.total),
    });
    const whole = await upscaler.upscale(image);
    expect(largestDifference(parts, whole)).toBeLessThanOrEqual(1);
    expect(tiles.length).toBeGreaterThan(10);
    const assembled = new Uint8ClampedArray(parts.data.length);
    for (const { image: part, left, top } of tiles) {
      for (let y = 0; y < part.height; y++) {
        const from = y * part.width * 3;
        assembled.set(part.data.subarray(from, from + part.width * 3), ((top + y) * parts.width + left) * 3);
      }
    }
    expect(assembled).toEqual(parts.data);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
    tiled.dispose();
  });

  it('gives the same in rows, with tiles made when their rows are due, of any size', async () => {
    const onnx = await backendsUnderTest().onnx!();
    const tiled = await createUpscaler(await tinyWeights(), { backend: onnx, tile: 8 });
    for (const [image, options] of [
      [picture(97, 106), {}],
      [picture(33, 59, 4), { scale: 1.3 }],
      [picture(33, 59, 2), { width: 290 }],
    ] as const) {
      const whole = await tiled.upscale(image, options);
      expect(tiled.sizeOf(image, options)).toEqual({ width: whole.width, height: whole.height });
      const parts: number[] = [];
      const shares: number[] = [];
      let share = 0;
      const onProgress = ({ done }: { readonly done: number }): void => {
        share = done;
      };
      for await (const { data, width, channels } of tiled.upscaleRows(image, { ...options, onProgress })) {
        expect([width, channels]).toEqual([whole.width, whole.channels]);
        for (const value of data) parts.push(value);
        shares.push(share);
      }
      expect(parts).toEqual([...whole.data]);
      // Few rows of a small result may take all tiles.
      if (whole.height > 400) expect(shares[0]).toBeLessThan(1);
      expect(shares.at(-1)).toBe(1);
    }
    tiled.dispose();
    onnx.dispose();
  });

  it('works with codes alone as well', async () => {
    const plain = await createUpscaler(await tinyWeights(0), { backend });
    expect((await plain.upscale(picture(12, 12))).width).toBe(48);
    plain.dispose();
  });

  it('leads alpha past the networks, and hides what is hidden', async () => {
    const { data } = picture(16, 16);
    const rgba = (hidden: number): InputImage => ({
      data: Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => {
        const isVisible = Math.floor(i / 4) % 16 < 8;
        return i % 4 === 3 ? (isVisible ? 255 : 0) : isVisible ? data[i % data.length]! : hidden;
      }),
      width: 16,
      height: 16,
    });
    const [black, white] = [await upscaler.upscale(rgba(0)), await upscaler.upscale(rgba(255))];
    expect(black.channels).toBe(4);
    expect(white.data).toEqual(black.data);
    const alphaOfRow = Array.from({ length: 64 }, (_, x) => black.data[(32 * 64 + x) * 4 + 3]!);
    expect(alphaOfRow.slice(0, 26).every((value) => value === 255)).toBe(true);
    expect(alphaOfRow.slice(38).every((value) => value === 0)).toBe(true);
    const half: InputImage = { data: new Uint8Array(16 * 16 * 2).fill(128), width: 16, height: 16 };
    const { data: made, channels } = await upscaler.upscale(half, { scale: 3 });
    expect(channels).toBe(2);
    expect(made.filter((_, i) => i % 2 === 1).every((value) => value === 128)).toBe(true);
  });

  it('keeps grey grey, and 16 bits 16 bits', async () => {
    const { data, ...size } = picture(16, 16, 1);
    const threefold = { ...size, data: Uint8Array.from({ length: 3 * 256 }, (_, i) => data[Math.floor(i / 3)]!) };
    const grey = await upscaler.upscale({ data, ...size });
    const equal = await upscaler.upscale(threefold);
    expect([grey.channels, equal.channels]).toEqual([1, 3]);
    expect(equal.data.filter((_, i) => i % 3 === 1)).toEqual(grey.data);
    const deep = await upscaler.upscale({ ...size, data: Uint16Array.from(threefold.data, (value) => 257 * value) });
    expect(deep.data).toBeInstanceOf(Uint16Array);
    const reduced = { ...deep, data: Uint8ClampedArray.from(deep.data, (value) => value / 257) };
    expect(largestDifference(reduced, equal)).toBeLessThanOrEqual(1);
    expect(new Set(deep.data.map((value) => value % 257)).size).toBeGreaterThan(10);
  });

  it('stops between tiles with the reason of the signal', async () => {
    const tiled = await createUpscaler(await tinyWeights(), { backend, tile: 8 });
    const stop = new AbortController();
    const seen: UpscaledTile[] = [];
    const upscaled = tiled.upscale(picture(150, 106), {
      signal: stop.signal,
      onTile: (tile) => {
        seen.push(tile);
        stop.abort(new Error('enough'));
      },
    });
    await expect(upscaled).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
    tiled.dispose();
  });

  for (const [name, open] of Object.entries({ ...backendsUnderTest(), ...(webgpu && { webgpu }) })) {
    it(`makes the same picture on ${name}, but for rounding`, async () => {
      const other = await open();
      const there = await createUpscaler(await tinyWeights(), { backend: other });
      const image = picture(40, 28);
      await there.warmup(40, 28);
      expect(largestDifference(await there.upscale(image), await upscaler.upscale(image))).toBeLessThanOrEqual(1);
      there.dispose();
      other.dispose();
    });
  }
});

describe('errors', () => {
  it('says what is wrong with an image or a size', async () => {
    const image = picture(8, 8);
    for (const options of [{ scale: 0 }, { scale: -1 }, { scale: Number.NaN }, { scale: 100 }, { width: 0 }]) {
      await expect(upscaler.upscale(image, options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
    for (const options of [{ scale: '2' }, { scale: true }, { scale: null }, { width: '16' }, { scale: Infinity }]) {
      await expect(upscaler.upscale(image, options as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
    for (const [width, height] of [
      [Number.NaN, 8],
      [8, Number.POSITIVE_INFINITY],
      [0.5, 8],
      ['8', 8],
      [undefined, 8],
    ])
      await expect(upscaler.warmup(width as number, height as number)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      });
    for (const options of [{ width: 1.5 }, { width: 8, scale: 2 }, { height: 1000 }]) {
      await expect(upscaler.upscale(image, options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
    const large = { data: new Uint8Array(5000 * 5000), width: 5000, height: 5000 };
    await expect(upscaler.upscale(large)).rejects.toThrow(/at most 268435456 pixels, also at ×4, got 400000000/);
    const empty = { data: new Uint8Array(0), width: 0, height: 0 };
    await expect(upscaler.upscale(empty)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    const hole = { data: new Uint8Array(8 * 8 * 3 - 1), width: 8, height: 8 };
    await expect(upscaler.upscale(hole)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    const floats = { data: new Float32Array(3).fill(Number.NaN), width: 1, height: 1 };
    await expect(upscaler.upscale(floats as never)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  });

  it('says when there is no memory, for the result or for tiles', async () => {
    class Full {
      constructor() {
        throw new RangeError('Array buffer allocation failed');
      }
    }
    const full = (): unknown => new Full();
    const own = cpu();
    const spent = new Proxy(own, { get: (_, name) => (name === 'upload' ? full : bound(own, name)) });
    const poor = await createUpscaler(await tinyWeights(), { backend: spent });
    const shortage = { code: 'OUT_OF_MEMORY', fix: expect.stringContaining('upscaleRows') };
    await expect(poor.upscale(picture(16, 16))).rejects.toMatchObject(shortage);
    await expect(poor.upscaleRows(picture(16, 16)).next()).rejects.toMatchObject(shortage);
    poor.dispose();
    vi.stubGlobal('Uint8ClampedArray', Full);
    try {
      await expect(upscaler.upscale(picture(16, 16))).rejects.toMatchObject(shortage);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('says when weights are of another kind or broken', async () => {
    const weights = await tinyWeights();
    const other = { ...weights, manifest: { ...weights.manifest, architecture: 'photo-tokenizer' } };
    await expect(createUpscaler(other, { backend })).rejects.toThrow(
      /architecture 'tvq-rap', got 'tiny-sr' of 'photo-tokenizer'/,
    );
    const looc = { ...weights, manifest: { ...weights.manifest, quantizer: { name: 'looc', options: {} } } };
    await expect(createUpscaler(looc, { backend })).rejects.toMatchObject({ code: 'QUANTIZER_MISSING' });
    const wider = { ...weights.manifest.options, model: { dimension: 8 } };
    const wrong = { ...weights, manifest: { ...weights.manifest, options: wider } };
    await expect(createUpscaler(wrong, { backend })).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' });
    await expect(createUpscaler(weights, { backend, tile: 12 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    const spent = await createUpscaler(weights, { backend });
    spent.dispose();
    await expect(spent.upscale(picture(8, 8))).rejects.toMatchObject({ code: 'UPSCALER_DISPOSED' });
  });
});
