/** The built page in headless Chromium, beside the library in Node: the same photo gives the same bytes and the same numbers. */
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import { compareImages } from '@vqkit/metrics';
import * as photo from '@vqkit/weights-photo';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { type Demo, type GivenFile, openDemo, smallPhoto, type Visit } from './testing/demo.ts';

describe.skipIf(findChromium() === undefined)('the demo (needs Chromium)', () => {
  let demo: Demo;
  let visit: Visit;
  let backend: Backend;
  let codec: Codec;
  let given: GivenFile;

  beforeAll(async () => {
    [demo, backend, given] = await Promise.all([openDemo(), onnx({ threads: 1 }), smallPhoto()]);
    [visit, codec] = await Promise.all([demo.visit(), createCodec(photo, { backend })]);
  });

  afterAll(async () => {
    codec?.dispose();
    backend?.dispose();
    await demo?.close();
  });

  /** What the library makes of a photo in Node. */
  async function expected({ buffer }: GivenFile, options: { targetBpp?: number; maxBytes?: number }) {
    const { data, info } = await sharp(buffer).raw().toBuffer({ resolveWithObject: true });
    const image = { data: new Uint8Array(data), width: info.width, height: info.height };
    const bytes = await codec.encode(image, options);
    const { image: restored } = await codec.decode(bytes);
    return { bytes, quality: await compareImages(image, restored) };
  }

  it('compresses a JPEG that is chosen, to the bytes and the numbers of the library in Node', async () => {
    await visit.choose(given);
    const { bytes, quality } = await expected(given, { targetBpp: 0.03 });
    expect(await visit.save()).toEqual(new Uint8Array(bytes));
    expect(await visit.fact('bytes')).toBe(`${bytes.length} bytes`);
    expect(await visit.fact('psnr')).toBe(`${quality.psnr.toFixed(2)} dB`);
    expect(await visit.fact('ssim')).toBe(quality.ssim!.toFixed(4));
    expect(await visit.fact('ms-ssim')).toBe(quality.msSsim!.toFixed(4));
    expect(visit.problems).toEqual([]);
  });

  it('takes a photo that is dropped on it, and follows the rate in both units', async () => {
    const other = await smallPhoto('barn');
    await visit.drop(other);
    await visit.page.getByLabel('How large the file may be').fill('0.015');
    await visit.page.getByLabel('How large the file may be').press('Tab');
    await visit.rest();
    expect(await visit.save()).toEqual(new Uint8Array((await expected(other, { targetBpp: 0.015 })).bytes));
    await visit.page.getByLabel('Unit').selectOption('bytes');
    await visit.page.getByLabel('How large the file may be').fill('100');
    await visit.page.getByLabel('How large the file may be').press('Tab');
    await visit.rest();
    expect(await visit.save()).toEqual(new Uint8Array((await expected(other, { maxBytes: 100 })).bytes));
    await visit.page.getByLabel('Rate', { exact: true }).press('End');
    await visit.rest();
    expect((await visit.save()).length).toBeGreaterThan(100);
    expect(visit.problems).toEqual([]);
  });

  it('opens the .vqk file that it made, and says what is wrong with files that are none', async () => {
    await visit.choose(given);
    const buffer = Buffer.from(await visit.save());
    await visit.choose({ name: 'again.vqk', mimeType: '', buffer });
    expect(await visit.fact('bytes')).toBe(`${buffer.length} bytes`);
    expect(await visit.page.locator('[data-fact="psnr"]').count()).toBe(0);
    for (const [name, fix] of [
      ['broken.jpg', 'Pass a PNG, JPEG, WebP or AVIF file'],
      ['broken.vqk', 'do not begin with'],
    ] as const) {
      await visit.choose({ name, mimeType: '', buffer: Buffer.from('nothing of the kind') });
      expect(await visit.page.getByRole('alert').textContent()).toContain(fix);
      expect(await visit.fact('bytes'), 'what was open stays').toBe(`${buffer.length} bytes`);
    }
    expect(visit.problems).toEqual([]);
  });
});
