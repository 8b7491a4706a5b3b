/** Files of all kinds, and all ways to bring them: turned, in other colours, transparent, tiny, pasted, weights of LPIPS. */
import { readFileSync } from 'node:fs';
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec, inspect } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import { createLpipsMeter } from '@vqkit/metrics';
import * as photo from '@vqkit/weights-photo/int8';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { type Demo, type GivenFile, openDemo, smallPhoto, type Visit } from './testing/demo.ts';

const lpipsFile = 'weights/lpips_squeeze_v0.1.safetensors';
const skipped = lacks(lpipsFile) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : '';

describe.skipIf(findChromium() === undefined)('files that visitors bring (needs Chromium)', () => {
  let demo: Demo;
  let visit: Visit;
  let backend: Backend;
  let codec: Codec;

  beforeAll(async () => {
    [demo, backend] = await Promise.all([openDemo(), onnx({ threads: 1 })]);
    const permissions = ['clipboard-read', 'clipboard-write'];
    [visit, codec] = await Promise.all([demo.visit({ permissions }), createCodec(photo, { backend })]);
  });

  afterAll(async () => {
    codec?.dispose();
    backend?.dispose();
    await demo?.close();
  });

  /** Pixels as sharp reads them. */
  async function pixelsOf(source: Sharp) {
    const { data, info } = await source.raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  }

  const fileOf = (name: string, buffer: Buffer): GivenFile => ({ name, mimeType: '', buffer });

  it('turns a photo upright that its camera held sideways', async () => {
    const { buffer } = await smallPhoto();
    await visit.choose(fileOf('turned.jpg', await sharp(buffer).withMetadata({ orientation: 6 }).jpeg().toBuffer()));
    expect(inspect(await visit.save())).toMatchObject({ width: 176, height: 192 });
    expect(visit.problems).toEqual([]);
  });

  it('takes Display P3 for what it looks like, and keeps transparency exactly, or as the visitor wants it', async () => {
    const { buffer } = await smallPhoto();
    const { width, height } = { width: 192, height: 176 };
    const alpha = Buffer.from(
      Uint8Array.from({ length: width * height }, (_, i) => 64 + ((Math.imul(i, 2654435761) >>> 20) % 192)),
    );
    const vivid = sharp(buffer)
      .modulate({ saturation: 1.6 })
      .joinChannel(alpha, { raw: { width, height, channels: 1 } });
    const buffers = { srgb: await vivid.png().toBuffer(), p3: Buffer.alloc(0) };
    buffers.p3 = await sharp(buffers.srgb).withIccProfile('p3').png().toBuffer();
    await visit.choose(fileOf('p3.png', buffers.p3));
    const { image } = await codec.decode(await visit.save());
    expect(image.channels).toBe(4);
    expect(image.data.filter((_, i) => i % 4 === 3)).toEqual(new Uint8ClampedArray(alpha));

    // what the page shows as the original, without colours that nearly transparent pixels rounded away
    const shown = (await visit.page.evaluate(
      `[...document.querySelector('.sheet canvas').getContext('2d').getImageData(0, 0, ${width}, ${height}).data]`,
    )) as number[];
    const apart = async (source: Sharp): Promise<number> => {
      const { data } = await pixelsOf(source);
      const differences = data.map((value, i) => (i % 4 === 3 ? 0 : Math.abs(value - shown[i]!)));
      return differences.reduce((sum, value) => sum + value, 0) / (3 * width * height);
    };
    expect(await apart(sharp(buffers.srgb))).toBeLessThan(1.5);
    expect(await apart(sharp(buffers.p3, { ignoreIcc: true }))).toBeGreaterThan(3);

    const exact = inspect(await visit.save()).account.alpha;
    await visit.page.getByRole('radio', { name: 'Coarse' }).check();
    await visit.rest();
    expect(inspect(await visit.save()).account.alpha).toBeLessThan(exact);
    const transparency = visit.page.getByRole('group', { name: 'Transparency' });
    await transparency.getByRole('radio', { name: 'None' }).check();
    await visit.rest();
    expect(inspect(await visit.save()).hasAlpha).toBe(false);
    expect(visit.problems).toEqual([]);
  });

  it('makes the smallest file there is, and says so, where none is as small as was asked for', async () => {
    const given = await smallPhoto('barn', 16);
    await visit.choose(given);
    const bytes = await codec.encode(await pixelsOf(sharp(given.buffer)), { codebookSize: 8 });
    expect(await visit.save()).toEqual(new Uint8Array(bytes));
    expect(await visit.page.getByText('more than was asked for').count()).toBe(1);
    expect(await visit.page.locator('.failure').count()).toBe(0);
    for (const title of ['See inside', 'Damage', 'Quantize', 'Compress']) await visit.tab(title);
    await visit.choose(await smallPhoto());
    expect(await visit.page.getByText('more than was asked for').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });

  it('opens what is pasted: here the restored picture, which it copied itself', async () => {
    await visit.choose(await smallPhoto());
    const { image } = await codec.decode(await visit.save());
    await visit.page.getByRole('button', { name: 'Copy picture' }).click();
    await visit.rest();
    await visit.page.keyboard.press('Control+V');
    await visit.page.locator('[data-fact="bytes"]').waitFor();
    await visit.rest();
    // a restored picture is no longer what it was, and its file is that of the library
    expect(await visit.save()).toEqual(new Uint8Array(await codec.encode(image, { targetBpp: 0.03 })));
    expect(visit.problems).toEqual([]);
  });

  it('finds codes that restore the photo better, with effort', async () => {
    await visit.choose(await smallPhoto('barn', 256));
    const nearest = await visit.save();
    const before = await Promise.all(
      ['ms-ssim', 'psnr'].map(async (name) => Number.parseFloat(await visit.fact(name))),
    );
    await visit.page.getByRole('radio', { name: 'Little' }).check();
    await visit.rest();
    expect(await visit.save()).not.toEqual(nearest);
    const after = await Promise.all(['ms-ssim', 'psnr'].map(async (name) => Number.parseFloat(await visit.fact(name))));
    expect(after[0]! - before[0]!).toBeGreaterThan(0.005);
    expect(after[1]! - before[1]!).toBeGreaterThan(0.1);
    await visit.page.getByRole('group', { name: 'Effort' }).getByRole('radio', { name: 'None' }).check();
    await visit.rest();
    expect(await visit.save()).toEqual(nearest);
    expect(visit.problems).toEqual([]);
  });

  it.skipIf(lacks(lpipsFile))(`measures LPIPS once its weights are dropped${skipped}`, async () => {
    const given = await smallPhoto();
    await visit.choose(given);
    expect(await visit.page.locator('[data-fact="lpips"]').count()).toBe(0);
    await visit.drop(fileOf('lpips.safetensors', readFileSync(dataPath(lpipsFile))));
    const { image } = await codec.decode(await visit.save());
    const meter = await createLpipsMeter(backend, dataPath(lpipsFile), { backbone: 'squeeze' });
    // sums of the engine in the browser are ordered otherwise
    const distance = await meter.measure(await pixelsOf(sharp(given.buffer)), image);
    meter.dispose();
    expect(Number(await visit.fact('lpips'))).toBeCloseTo(distance, 3);
    await visit.place('WebGPU');
    expect(Number(await visit.fact('lpips')), 'the weights move to another place').toBeCloseTo(distance, 3);
    await visit.place('WebAssembly');
    const nearest = await visit.save();
    await visit.page.getByRole('radio', { name: 'Little' }).check();
    await visit.rest();
    expect(await visit.save(), 'effort finds other codes').not.toEqual(nearest);
    expect(Number(await visit.fact('lpips'))).toBeLessThan(distance * 0.95);
    await visit.drop(fileOf('broken.safetensors', Buffer.from('nothing of the kind')));
    expect(await visit.page.getByRole('alert').count()).toBe(1);
    expect(visit.problems).toEqual([]);
  });
});
