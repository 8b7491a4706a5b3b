/** The same picture where browsers compute, in Chromium: onnxruntime-web and WebGPU, in tiles, beside the reference whole. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { cpu, random } from '@vqkit/core';
import { weightsOf } from '@vqkit/tokenizer';
import { describe, expect, it } from 'vitest';
import type { UpscaleInPage } from '../../../tooling/fixtures/upscale-page.ts';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';
import { tinyFiles } from '../../../tooling/tiny-sr-weights.ts';
import { createUpscaler } from './upscaler.ts';

const page = new URL('../../../tooling/fixtures/upscale-page.ts', import.meta.url);

describe.skipIf(findChromium() === undefined)('upscale in Chromium (needs a browser)', () => {
  it.each(['onnx-web', 'webgpu'] as const)(
    'on %s makes the picture of the reference, but for rounding',
    async (place) => {
      const files = await tinyFiles();
      const [width, height] = [132, 20];
      const stream = random(3);
      const data = Array.from({ length: width * height * 3 }, (_, i) =>
        Math.floor(128 + 80 * Math.sin(i / 40) + 30 * stream.next()),
      );
      const argument: UpscaleInPage = {
        place,
        files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [...bytes]])),
        image: { data, width, height },
        tile: 8,
      };
      const ort = createRequire(new URL('../../backend-onnx/package.json', import.meta.url)).resolve('onnxruntime-web');
      const there = await runInChromium<number[]>({ entry: page, argument, mounts: { '/ort/': dirname(ort) } });
      const upscaler = await createUpscaler(weightsOf(files), { backend: cpu() });
      const here = await upscaler.upscale({ data: Uint8Array.from(data), width, height });
      upscaler.dispose();
      expect(there).toHaveLength(16 * 3 * width * height);
      expect(there.reduce((most, value, i) => Math.max(most, Math.abs(value - here.data[i]!)), 0)).toBeLessThanOrEqual(
        1,
      );
      expect(new Set(there).size).toBeGreaterThan(50);
    },
  );
});
