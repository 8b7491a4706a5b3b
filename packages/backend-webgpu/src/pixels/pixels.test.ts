/** Pixels between textures and tensors in Node, and between what browsers decode and tensors in Chromium. */
import { tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { findChromium, runInChromium } from '../../../../tooling/run-in-chromium.ts';
import { openNodeGpu } from '../../conformance/lib/node-gpu.ts';
import type { PixelsReport } from '../../conformance/lib/pixels-page.ts';
import { textureUsage } from '../device/flags.ts';
import { webgpu } from '../index.ts';

const found = await openNodeGpu();

describe.skipIf(found === undefined)('textures (needs a Vulkan driver)', () => {
  it('give back the bytes that were written to them', async () => {
    const backend = await webgpu({ gpu: found!.gpu });
    const [width, height] = [7, 3];
    const bytes = Uint8Array.from({ length: width * height * 3 }, (_, i) => 4 * i);
    const texture = backend.device.createTexture({
      size: [width, height],
      format: 'rgba8unorm',
      usage: textureUsage.storageBinding | textureUsage.textureBinding,
    });
    const x = tensor(backend, bytes, [1, height, width, 3]);
    backend.toTexture(x, texture);
    const y = backend.fromPixels(texture, { range: [0, 255] });
    expect(y.shape).toEqual([1, height, width, 3]);
    (await y.data()).forEach((value, i) => expect(value).toBeCloseTo(bytes[i]!, 3));
    const wide = backend.device.createTexture({ size: [8, 3], format: 'rgba8unorm', usage: 12 });
    expect(() => backend.toTexture(x, wide)).toThrow(expect.objectContaining({ code: 'PIXELS_UNSUPPORTED' }));
    backend.dispose();
  });
});

describe.skipIf(findChromium() === undefined)('in Chromium (needs a browser)', () => {
  it('canvases, bitmaps and video frames become tensors, and canvases take the size of what is drawn', async () => {
    const { shape, values, drawn, refusal } = await runInChromium<PixelsReport>({
      entry: new URL('../../conformance/lib/pixels-page.ts', import.meta.url),
    });
    expect(shape).toEqual([1, 3, 5, 3]);
    const samples = Array.from({ length: 5 * 3 * 4 }, (_, i) => (i % 4 === 3 ? 255 : 4 * i));
    const expected = samples.filter((_, i) => i % 4 !== 3).map((sample) => sample / 255);
    const close = (actual: readonly number[] | undefined, wanted: readonly number[], digits = 5): void => {
      expect(actual).toHaveLength(wanted.length);
      wanted.forEach((value, i) => expect(actual![i]).toBeCloseTo(value, digits));
    };
    close(values.canvas, expected);
    close(values.bitmap, expected);
    // Video frames may go through YUV.
    close(values.frame, expected, 1);
    close(
      values.signed,
      expected.filter((_, i) => i % 3 === 0).map((value) => 2 * value - 1),
    );
    close(
      values.alpha,
      samples.map((sample) => sample / 255),
    );
    expect(drawn).toEqual([5, 3]);
    expect(refusal).toBe('PIXELS_UNSUPPORTED');
  });
});
