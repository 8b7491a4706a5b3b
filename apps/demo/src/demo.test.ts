/** The built page in headless Chromium, beside the library in Node: the same photo gives the same bytes and the same numbers. */
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec, inspect } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import { compareImages, psnr } from '@vqkit/metrics';
import * as photo from '@vqkit/weights-photo/int8';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { hangMs } from '../../../tooling/time-limit.ts';
import { bytesText, percentText } from './format.ts';
import { type Demo, type GivenFile, openDemo, smallPhoto, type Visit } from './testing/demo.ts';
import { cutFile, losePackets } from './worker/damage.ts';

/** Quantizers of the playground, as the page calls them. */
const quantizerTitles = {
  vq: 'Vector quantization',
  looc: 'LooC',
  'dual-codebook': 'Dual codebook',
  product: 'Product',
  residual: 'Residual',
  fsq: 'Finite scalar (FSQ)',
  'lookup-free': 'Lookup-free (LFQ)',
  simvq: 'SimVQ',
};

describe.skipIf(findChromium() === undefined)('the demo (needs Chromium)', () => {
  let demo: Demo;
  let visit: Visit;
  let backend: Backend;
  let codec: Codec;
  let given: GivenFile;

  beforeAll(async () => {
    [demo, backend, given] = await Promise.all([openDemo(), onnx({ threads: 1 }), smallPhoto()]);
    [visit, codec] = await Promise.all([demo.visit({ hasTouch: true }), createCodec(photo, { backend })]);
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

  it('zooms and moves pictures by keys, wheel, mouse and fingers, and the divider by keys and mouse', async () => {
    await visit.choose(given);
    const { page } = visit;
    const until = { timeout: hangMs / 6 };
    const view = page.locator('.view');
    const zoom = async (): Promise<number> => Number.parseInt((await page.locator('.scale').textContent())!, 10);
    const place = async (): Promise<string> => (await page.locator('.sheet').getAttribute('style'))!;
    const fitted = await zoom();
    const { x, y, width } = (await view.boundingBox())!;
    await view.focus();
    await page.keyboard.press('+');
    await expect.poll(zoom, until).toBeGreaterThan(fitted);
    let before = await place();
    await page.keyboard.press('ArrowRight');
    await expect.poll(place, until).not.toBe(before);
    await page.keyboard.press('0');
    await expect.poll(zoom, until).toBe(fitted);

    await page.mouse.move(x + 100, y + 200);
    await page.mouse.wheel(0, -300);
    await expect.poll(zoom, until).toBeGreaterThan(fitted);
    before = await place();
    await page.mouse.down();
    await page.mouse.move(x + 130, y + 220);
    await page.mouse.up();
    await expect.poll(place, until).not.toBe(before);
    await page.getByTitle('Fit').click();
    await expect.poll(zoom, until).toBe(fitted);

    const session = await visit.context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number): Promise<unknown> => {
      const touchPoints = [0, 1].map((id) => ({ id, x: x + 200 + id * apart, y: y + 200 }));
      return session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : touchPoints });
    };
    // Chromium takes fingers away from a page that does not answer within a second: pinched again then
    const pinch = async (): Promise<number> => {
      await touch('touchStart', 60);
      await touch('touchMove', 120);
      await touch('touchEnd', 120);
      return zoom();
    };
    await expect.poll(pinch, until).toBeGreaterThan(fitted);
    await session.detach();

    const divider = page.getByRole('slider', { name: 'Divider' });
    const share = async (): Promise<number> => Number(await divider.getAttribute('aria-valuenow'));
    await divider.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(share, until).toBe(52);
    const handle = (await divider.boundingBox())!;
    await page.mouse.move(handle.x + handle.width / 2, y + 300);
    await page.mouse.down();
    await page.mouse.move(x + width / 4, y + 300);
    await page.mouse.up();
    await expect.poll(share, until).toBe(25);
    await page.getByTitle('Fit').click();
    expect(visit.problems).toEqual([]);
  });

  it('looks inside: the codes of the library, and bits that add up to the file', async () => {
    await visit.choose(given);
    const bytes = await visit.save();
    await visit.tab('See inside');
    const { planes, width, height } = await codec.decodeToIndices(bytes);
    const used = new Set(planes[0]).size;
    expect(await visit.fact('positions')).toBe(`${width} × ${height}`);
    expect(await visit.fact('used-codes')).toBe(`${used} of ${inspect(bytes).codebookSize}`);
    const bits = Number(await visit.fact('mean-bits')) * width * height;
    // two digits of the mean, and the last byte
    expect(Math.abs(bits - 8 * inspect(bytes).account.payload)).toBeLessThan(0.005 * width * height + 16);
    await visit.page.locator('.view').hover();
    expect(await visit.page.locator('.pointed').textContent()).toMatch(/Code \d+.*bits/);
    expect(visit.problems).toEqual([]);
  });

  it('loses packets as the library does, and conceals or restores them', async () => {
    await visit.choose(given);
    const whole = await visit.save();
    await visit.tab('Damage');
    const { data, info } = await sharp(given.buffer).raw().toBuffer({ resolveWithObject: true });
    const image = { data: new Uint8Array(data), width: info.width, height: info.height };
    const cut = await cutFile({ codec, weights: photo }, whole, { packets: 16, parity: 0 });
    expect((await codec.decode(cut)).image, 'nothing lost').toEqual((await codec.decode(whole)).image);
    const { bytes, lostPackets } = losePackets(cut, { loss: 0.2, pattern: 'random', seed: 1 });
    const restored = await codec.decode(bytes);
    expect(await visit.fact('cut-bytes')).toBe(bytesText(cut.length));
    expect(await visit.fact('lost-packets')).toBe(`${lostPackets} of 16`);
    expect(await visit.fact('lost-share')).toBe(percentText(restored.lostShare));
    expect(await visit.fact('damaged-psnr')).toBe(`${psnr(image, restored.image).toFixed(2)} dB`);
    await visit.page.getByRole('radio', { name: 'Nothing' }).check();
    await visit.rest();
    const plain = await createCodec(photo, { backend, conceal: (indices) => indices });
    const { image: unconcealed } = await plain.decode(bytes);
    plain.dispose();
    expect(await visit.fact('damaged-psnr')).toBe(`${psnr(image, unconcealed).toFixed(2)} dB`);
    await visit.page.getByRole('slider', { name: 'Parity packets on top' }).fill('4');
    await visit.rest();
    expect(await visit.fact('lost-share')).toBe('0.0 %');
    expect(visit.problems).toEqual([]);
  });

  it.each(Object.entries(quantizerTitles))('learns patches with %s', async (_, title) => {
    if ((await visit.page.getByRole('tab').count()) === 0) await visit.choose(given);
    await visit.tab('Quantize');
    await visit.page.getByLabel('Quantizer').selectOption(title);
    await visit.page.getByRole('slider', { name: 'Codes' }).fill('4');
    await visit.page.getByRole('slider', { name: 'Steps' }).fill('40');
    await visit.page.getByRole('button', { name: 'Learn from this photo' }).click();
    await visit.rest();
    expect(await visit.page.locator('.failure').count()).toBe(0);
    expect(await visit.page.getByText('After 40 steps').count()).toBe(1);
    // the mean colour of all patches gives 13 dB
    expect(Number.parseFloat(await visit.fact('learned-psnr'))).toBeGreaterThan(14);
    expect(visit.problems).toEqual([]);
  });

  it('shows what other codecs make of as many bytes', async () => {
    await visit.choose(given);
    await visit.page.getByRole('button', { name: /^AVIF, WebP and JPEG/ }).click();
    await visit.rest();
    // headers alone make JPEG and AVIF larger than a file of some hundred bytes
    expect(await visit.page.locator('[data-rival]').count()).toBe(3);
    expect(await visit.page.locator('.failure').count()).toBe(0);
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
