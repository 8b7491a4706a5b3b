import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, cpu, random, tensorsOf } from '@vqkit/core';
import { photoTokenizer, vqVae } from '@vqkit/models';
import { type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import { createGenerator } from '@vqkit/tokenizer/generation';
import { openWeights } from '@vqkit/tokenizer/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyNetwork, tinyPhoto } from '../../../../../tooling/tiny-photo.ts';
import { readIdxLabels } from '../../data/idx.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { writeNoisePhotos } from '../../testing/noise-photos.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { makeQuantizer, type NamedQuantizerSpec, packModel, quantizers } from '../quantizers.ts';
import { vqvaeRecipe } from '../vqvae/vqvae.ts';
import { generatorRecipe } from './generator.ts';

const [count, side] = [96, 8];

/** An IDX file of bytes with these axes. */
function idxOf(axes: readonly number[], data: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * axes.length + data.length);
  const view = new DataView(file.buffer);
  for (const [i, value] of [0x0800 + axes.length, ...axes].entries()) view.setUint32(4 * i, value);
  file.set(data, 4 + 4 * axes.length);
  return file;
}

/** A tokenizer of grey images that was not trained. */
async function untrained(spec: NamedQuantizerSpec, dimension: number): Promise<WeightsPackage> {
  const backend = cpu();
  const options = { channels: 1, dimension, hidden: 8 };
  const { encoder, decoder } = vqVae(options).init(backend, 1);
  const quantizer = makeQuantizer(spec);
  const params = quantizer.init(backend, 1);
  return weightsOf(await packModel({ architecture: 'vqvae', options, encoder, decoder, spec, quantizer, params }));
}

describe('generator', () => {
  let folder = '';
  let backend: Backend;
  const tokenizers = {} as Record<'vq' | 'looc', WeightsPackage>;
  beforeAll(async () => {
    backend = await onnx({ threads: 1 });
    folder = await mkdtemp(join(tmpdir(), 'vqkit-generator-'));
    // Class 0 is bright above, class 1 below.
    const stream = random(1);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
    const pixels = Uint8Array.from({ length: count * side * side }, (_, i) => {
      const isAbove = i % (side * side) < (side * side) / 2;
      return (isAbove === (labels[Math.floor(i / (side * side))] === 0) ? 200 : 20) + stream.integer(30);
    });
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idxOf([count, side, side], pixels));
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxOf([count], labels));
    for (const quantizer of ['vq', 'looc'] as const) {
      const own = { data: folder, quantizer, codes: 8, dimension: 12, parts: 6, hidden: 16, batch: 8 } as const;
      const recipe = await vqvaeRecipe({ ...own, steps: 150, rate: 5e-3, warmup: 10 });
      await train(recipe, { backend, out: join(folder, quantizer) });
      tokenizers[quantizer] = await openWeights(join(folder, quantizer));
    }
  });
  afterAll(async () => {
    backend.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const sizes = { batch: 8, width: 16, blocks: 1, heads: 2, rate: 1e-2 } as const;
  const levels: NamedQuantizerSpec = { name: 'fsq', options: { levels: [5, 5] } };
  const cases = [
    ['masked', 'vq'],
    ['masked', 'looc'],
    ['flow', 'looc'],
  ] as const;
  const values = (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));

  it.each(cases)('learns to draw, %s, maps of %s', async (method, name) => {
    const out = join(folder, `${method}-${name}`);
    const tokenizer = tokenizers[name];
    const recipe = await generatorRecipe({ ...sizes, data: folder, tokenizer, method, steps: 300, validateSteps: 25 });
    await train(recipe, { backend, out, logSteps: 1 });
    const log = await readLog(join(out, 'log.jsonl'));
    const mean = (from: number): number =>
      log.slice(from, from + 30).reduce((sum, { metrics }) => sum + metrics.loss!, 0) / 30;
    expect(mean(270)).toBeLessThan(0.9 * mean(0));
    const validated = log.flatMap(({ validation }) => (validation ? [validation] : []));
    expect(validated).toHaveLength(12);
    expect(validated[11]!.loss).toBeLessThan(validated[0]!.loss!);

    const weights = await openWeights(out);
    expect(weights.manifest).toMatchObject({
      architecture: method === 'masked' ? 'index-generator' : 'latent-flow',
      options: { grid: { width: 2, height: 2 }, network: { classes: 2 } },
      tokenizer: tokenizer.manifest.id,
    });
    const generator = await createGenerator(weights, { backend, quantizers });
    expect(generator.classes).toBe(2);
    const drawn = await generator.draw(16);
    expect(drawn.map(({ image }) => [image.width, image.height])).toEqual(drawn.map(() => [side, side]));
    // Class 0 is bright above, class 1 below.
    const light = ({ data }: { readonly data: Uint8ClampedArray }): number =>
      data.reduce((sum, value, i) => sum + (i < data.length / 2 ? value : -value), 0);
    const right = drawn.filter(({ image, label }) => light(image) > 0 === (label === 0)).length;
    expect(right).toBeGreaterThanOrEqual(15);
    generator.dispose();
  });

  it.each(cases)('goes on exactly where it was stopped, %s, maps of %s', async (method, name) => {
    const tokenizer = tokenizers[name];
    const options = { ...sizes, data: folder, tokenizer, method, steps: 3, optimizer: 'muon' } as const;
    const recipe = await generatorRecipe(options);
    const { whole, resumed } = await trainAndResume(() => recipe, {
      backend,
      out: join(folder, `whole-${method}-${name}`),
    });
    expect(await values(resumed.state)).toEqual(await values(whole.state));
  });

  it('learns crops of photos, without classes, with nested codebooks', async () => {
    const photos = await mkdtemp(join(folder, 'photos-'));
    await writeNoisePhotos(photos, ['0.png', '1.png', '2.png']);
    const tokenizer = await tinyPhoto();
    const out = join(folder, 'of-photos');
    const recipe = await generatorRecipe({ ...sizes, data: photos, tokenizer, crop: 32, batch: 1, steps: 2 });
    await train(recipe, { backend, out });
    const generator = await createGenerator(await openWeights(out), { backend });
    const [{ map, label }] = (await generator.draw(1)) as [Awaited<ReturnType<typeof generator.draw>>[number]];
    expect([map.width, map.codebookSizes, label]).toEqual([2, [16], undefined]);
    generator.dispose();
  });

  it('refuses what does not fit', async () => {
    const tokenizer = await untrained(levels, 2);
    const refused = async (options: object, message: RegExp): Promise<void> =>
      expect(generatorRecipe({ ...sizes, data: folder, tokenizer, ...options })).rejects.toThrow(message);
    await refused({ batch: 100 }, /at least 100, .* got 88 of 8×8×1/);
    await refused({ method: 'other' }, /one of masked, flow/);
    await refused({ heads: 5 }, /a width that 5 heads divide/);
    const own = cpu();
    const options = { dimension: 2, ...tinyNetwork };
    const { encoder, decoder } = photoTokenizer(options).init(own, 1);
    const quantizer = makeQuantizer(levels);
    const model = { architecture: 'photo-tokenizer', options, encoder, decoder, spec: levels, quantizer };
    const colours = weightsOf(await packModel({ ...model, params: quantizer.init(own, 1) }));
    await refused({ tokenizer: colours }, /images of 3 channels/);
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxOf([3], Uint8Array.of(0, 1, 2)));
    await refused({}, /a label of each of 96 images, got 3/);
  });
});

describe('readIdxLabels', () => {
  it('finds the labels beside the images, of a file or a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-labels-'));
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), idxOf([2], Uint8Array.of(7, 3)));
    expect(await readIdxLabels(join(folder, 't10k-images-idx3-ubyte'))).toEqual(Uint8Array.of(7, 3));
    expect(await readIdxLabels(folder)).toBeUndefined();
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxOf([1], Uint8Array.of(4)));
    expect(await readIdxLabels(folder)).toEqual(Uint8Array.of(4));
    await writeFile(join(folder, 'train-labels-idx1-ubyte'), idxOf([1, 1], Uint8Array.of(4)));
    await expect(readIdxLabels(folder)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    await rm(folder, { recursive: true });
  });
});
