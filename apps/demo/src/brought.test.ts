/** Weights that visitors bring, made from a seed here: enlarging, drawing and filling in, as the library does it in Node. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec } from '@vqkit/codec';
import { transformerConceal } from '@vqkit/codec/transformer';
import type { Backend } from '@vqkit/core';
import { imageSheet, type Raster } from '@vqkit/images';
import { psnr } from '@vqkit/metrics';
import { createUpscaler, type Upscaler } from '@vqkit/sr';
import { type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import { createGenerator, type Generator } from '@vqkit/tokenizer/generation';
import * as photo from '@vqkit/weights-photo/int8';
import * as transformer from '@vqkit/weights-photo-transformer';
import * as sr from '@vqkit/weights-sr-x4';
import * as real from '@vqkit/weights-sr-x4-real';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { tinyGenerator } from '../../../tooling/tiny-generator.ts';
import { quantizers, tinyLooc } from '../../../tooling/tiny-looc.ts';
import { tinyFiles } from '../../../tooling/tiny-sr-weights.ts';
import { tinyTransformer } from '../../../tooling/tiny-transformer.ts';
import { type Demo, type GivenFile, openDemo, packageFiles, smallPhoto, type Visit } from './testing/demo.ts';
import { findViolations } from './testing/find-violations.ts';
import { cutFile, losePackets } from './worker/damage.ts';

/** How far two pictures are apart at most. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.skipIf(findChromium() === undefined)('weights that visitors bring (needs Chromium)', () => {
  let demo: Demo;
  let visit: Visit;
  let backend: Backend;
  let codec: Codec;
  let upscaler: Upscaler;
  let generator: Generator;
  let given: GivenFile;
  const weights = {} as Record<'enlarge' | 'draw' | 'conceal', WeightsPackage>;

  beforeAll(async () => {
    [demo, backend, given] = await Promise.all([openDemo(), onnx({ threads: 1 }), smallPhoto()]);
    weights.enlarge = weightsOf(await tinyFiles());
    weights.draw = weightsOf(await tinyGenerator('index-generator', await tinyLooc(), { quantizers }));
    weights.conceal = weightsOf(await tinyTransformer(photo));
    [visit, codec] = await Promise.all([demo.visit(), createCodec(photo, { backend })]);
    upscaler = await createUpscaler(weights.enlarge, { backend });
    generator = await createGenerator(weights.draw, { backend, quantizers });
  });

  afterAll(async () => {
    for (const open of [codec, upscaler, generator, backend]) open?.dispose();
    await demo?.close();
  });

  const button = (name: string | RegExp) => visit.page.getByRole('button', { name });
  const press = async (name: string | RegExp): Promise<void> => {
    await button(name).click();
    await visit.rest();
  };

  /** The pixels of the PNG file that the page hands out. */
  async function saved(): Promise<{ name: string } & Raster<Buffer>> {
    const coming = visit.page.waitForEvent('download');
    await button('Save .png').click();
    const download = await coming;
    const { data, info } = await sharp(await download.path())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { name: download.suggestedFilename(), data, width: info.width, height: info.height, channels: 3 };
  }

  async function photoInNode() {
    const { data, info } = await sharp(given.buffer).raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  }

  it.each([
    ['Clean images', sr],
    ['Photos from the web', real],
  ] as const)(
    'enlarges by its own weights for %s, which it fetches when they are first needed',
    async (title, published) => {
      if (published === sr) await visit.choose(given);
      await visit.tab('Enlarge');
      expect(await visit.page.locator('.weights-place').count()).toBe(0);
      expect(await visit.page.getByRole('radio', { name: 'Your weights' }).count()).toBe(0);
      await visit.page.getByRole('radio', { name: title }).check();
      await visit.page.getByRole('radio', { name: '×4' }).check();
      await press(/^Enlarge/);
      const own = await createUpscaler(published, { backend });
      const expected = await own.upscale(await photoInNode());
      own.dispose();
      const file = await saved();
      expect(file).toMatchObject({ width: expected.width, height: expected.height });
      // near ties between codes may fall the other way on another engine: a few places, not the picture
      const off = file.data.reduce((sum, value, i) => sum + Math.abs(value - expected.data[i]!), 0) / file.data.length;
      expect(off).toBeLessThan(0.1);
      expect(visit.problems).toEqual([]);
    },
  );

  it('says how to get weights where a part needs them, and goes on to it when their folder is dropped', async () => {
    await visit.choose(given);
    await visit.tab('Draw');
    expect(await visit.page.locator('.weights-place').textContent()).toContain('vqkit train generator');
    const folder = join(demo.folder, 'sr-rap');
    mkdirSync(folder);
    for (const { name, buffer } of await packageFiles(weights.enlarge)) writeFileSync(join(folder, name), buffer);
    writeFileSync(join(folder, 'log.jsonl'), 'what else a run leaves there');
    await visit.dropPaths([folder]);
    expect(await visit.page.getByRole('tab', { selected: true }).textContent()).toBe('Enlarge');
    expect(await visit.page.getByRole('radio', { name: 'Your weights' }).isChecked()).toBe(true);
    expect(await visit.page.locator('.weights-place').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });

  it.each([
    ['×4', undefined],
    ['×2', undefined],
    ['Width', 500],
  ])('enlarges by %s as the library does', async (growth, width) => {
    await visit.tab('Enlarge');
    await visit.page.getByRole('radio', { name: growth }).check();
    if (width) await visit.page.getByLabel('Width in pixels').fill(`${width}`);
    if (width) await visit.page.getByLabel('Width in pixels').press('Tab');
    await press(/^Enlarge/);
    const expected = await upscaler.upscale(
      await photoInNode(),
      width ? { width } : { scale: Number(growth.slice(1)) },
    );
    const file = await saved();
    expect(file).toMatchObject({
      name: `parrots-${expected.width}.png`,
      width: expected.width,
      height: expected.height,
    });
    expect(await visit.fact('enlarged-size')).toBe(`${expected.width} × ${expected.height}`);
    expect(apart(file.data, expected.data)).toBeLessThanOrEqual(1);
    // what is shown is what is saved
    const shown = (await visit.page.evaluate(
      `[...document.querySelectorAll('.sheet canvas')[1].getContext('2d').getImageData(0, 0, ${file.width}, 99).data]`,
    )) as number[];
    expect(shown.filter((_, i) => i % 4 < 3)).toEqual([...file.data.subarray(0, file.width * 99 * 3)]);
    expect(visit.problems).toEqual([]);
  });

  it('enlarges what was restored, and says what is too large', async () => {
    const { image } = await codec.decode(await visit.compressed());
    await visit.tab('Enlarge');
    await visit.page.getByRole('radio', { name: 'What was restored' }).check();
    await visit.page.getByRole('radio', { name: '×2' }).check();
    await press(/^Enlarge/);
    // restored pictures of two engines differ in the last digit here and there
    expect(psnr(await upscaler.upscale(image, { scale: 2 }), await saved())).toBeGreaterThan(45);
    await visit.page.getByRole('radio', { name: 'Width' }).check();
    await visit.page.getByLabel('Width in pixels').fill('3073');
    await visit.page.getByLabel('Width in pixels').press('Tab');
    await press(/^Enlarge/);
    expect(await visit.page.locator('.failure').textContent()).toContain('at most 16 times as large');
    expect(visit.problems).toEqual([]);
  });

  it('stops enlarging when asked to, with the parts that are there, and does it again', async () => {
    await visit.page.getByRole('radio', { name: 'The photo' }).check();
    await visit.page.getByRole('radio', { name: '×4' }).check();
    await visit.place('Plain JavaScript');
    await visit.tab('Enlarge');
    await button(/^Enlarge/).click();
    await visit.page.getByText('Enlarging').waitFor();
    await button('Cancel').click();
    await visit.rest();
    expect(await button('Save .png').count()).toBe(0);
    await visit.place('WebAssembly');
    await press(/^Enlarge/);
    expect((await saved()).width).toBe(4 * 192);
    expect(visit.problems).toEqual([]);
  });

  it('draws the indices that the library draws, of all classes or one, and is stopped', async () => {
    await visit.choose(await packageFiles(weights.draw));
    const check = async (count: number, seed: number, label?: number): Promise<void> => {
      const drawn = await generator.draw(count, { seed, label });
      const hash = createHash('sha256');
      for (const { map } of drawn) for (const plane of map.planes) hash.update(new Uint8Array(plane.buffer));
      expect(await visit.fact('drawn-indices')).toBe(hash.digest('hex').slice(0, 16));
      const file = await saved();
      const sheet = imageSheet(drawn.map(({ image }) => image));
      expect([file.width, file.height]).toEqual([sheet.width, sheet.height]);
      expect(apart(file.data, sheet.data)).toBeLessThanOrEqual(1);
    };
    await press('Draw');
    await check(16, 1);
    await visit.page.getByRole('slider', { name: 'Images' }).fill('5');
    await visit.page.getByLabel('Class').selectOption('2');
    await press('Others');
    await check(5, 2, 2);
    await visit.page.getByRole('slider', { name: 'Images' }).fill('64');
    await visit.place('Plain JavaScript');
    await visit.tab('Draw');
    await button('Draw').click();
    await visit.page.getByText('Drawing').waitFor();
    await button('Cancel').click();
    await visit.rest();
    expect(await visit.fact('drawn-images'), 'what was drawn stays').toContain('5 of');
    await visit.place('WebAssembly');
    expect(visit.problems).toEqual([]);
  });

  it('fills in what was lost by the transformer, as the library does', async () => {
    const whole = await visit.compressed();
    await visit.tab('Damage');
    await visit.page.getByRole('radio', { name: 'Transformer' }).check();
    await visit.rest();
    const byPage = await visit.fact('damaged-psnr');
    await visit.choose(await packageFiles(weights.conceal));
    expect(await visit.page.getByRole('tab', { selected: true }).textContent()).toBe('Damage');
    expect(await visit.page.getByRole('radio', { name: 'Transformer' }).isChecked()).toBe(true);
    const image = await photoInNode();
    const cut = await cutFile({ codec, weights: photo }, whole, { packets: 16, parity: 0 });
    const { bytes } = losePackets(cut, { loss: 0.2, pattern: 'random', seed: 1 });
    const quality = async (by: Codec): Promise<string> =>
      `${psnr(image, (await by.decode(bytes)).image).toFixed(2)} dB`;
    const conceals = [
      await transformerConceal(transformer, { backend }),
      await transformerConceal(weights.conceal, { backend }),
    ] as const;
    const [page, own] = [
      await createCodec(photo, { backend, conceal: conceals[0] }),
      await createCodec(photo, { backend, conceal: conceals[1] }),
    ];
    expect(byPage).toBe(await quality(page));
    expect(await visit.fact('damaged-psnr')).toBe(await quality(own));
    await visit.page.getByRole('radio', { name: 'Neighbours' }).check();
    await visit.rest();
    expect(await visit.fact('damaged-psnr')).toBe(await quality(codec));
    expect(await quality(codec)).not.toBe(await quality(own));
    for (const one of [page, own, ...conceals]) one.dispose();
    expect(visit.problems).toEqual([]);
  });

  it('says what is wrong with weights, and keeps those that it has', async () => {
    const named = (manifest: object): GivenFile => ({
      name: 'manifest.json',
      mimeType: '',
      buffer: Buffer.from(JSON.stringify(manifest)),
    });
    const other = { ...weights.conceal.manifest, tokenizer: 'other' };
    const files = await packageFiles(weights.conceal);
    for (const [brought, message] of [
      [[named({})], 'expected a manifest with'],
      [[named(weights.enlarge.manifest)], "expected the file 'weights.safetensors'"],
      [[named(weights.enlarge.manifest), files[1]!], 'got'],
      [[named(other), files[1]!], "got one for those of 'other'"],
      [[named(photo.manifest)], 'This page compresses with weights of its own'],
      [[files[1]!], 'drop both files, or their folder'],
    ] as const) {
      await visit.choose(brought);
      expect(await visit.page.locator('.notice').textContent(), message).toContain(message);
      await button('Close').click();
    }
    await visit.tab('Draw');
    expect(await visit.page.locator('.weights-place').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });

  it('draws without a photo, and keeps other weights until there is one', async () => {
    const own = await demo.visit();
    await own.choose(await packageFiles(weights.enlarge));
    await own.page.getByText('The weights are here. Now choose a photo.').waitFor();
    await own.choose(await packageFiles(weights.draw));
    await own.page.getByRole('button', { name: 'Draw', exact: true }).click();
    await own.rest();
    expect(await own.fact('drawn-images')).toBe('16 of 12 × 8');
    await own.choose(given);
    await own.tab('Enlarge');
    expect(await own.page.locator('.weights-place').count()).toBe(0);
    await own.page.getByRole('button', { name: /^Enlarge/ }).click();
    await own.rest();
    expect(await findViolations(own)).toEqual([]);
    await own.tab('Draw');
    expect(await own.fact('drawn-images'), 'what was drawn stays').toBe('16 of 12 × 8');
    expect(await findViolations(own)).toEqual([]);
    expect(own.problems).toEqual([]);
    await own.context.close();
  });
});
