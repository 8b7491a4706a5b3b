import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, openSafetensors, random, tensorsOf } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../../tooling/shared-data.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { writeNoisePhotos } from '../../testing/noise-photos.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { quantizers } from '../quantizers.ts';
import { type VqganRecipeOptions, vqganRecipe } from './vqgan.ts';

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const isMissing = !existsSync(lpipsWeights);

describe.skipIf(isMissing)(`vqgan${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`, () => {
  let folder = '';
  let backend: Backend;
  const small = {
    lpipsWeights,
    batch: 2,
    codes: 16,
    dimension: 8,
    channels: 8,
    multipliers: [1, 2],
    blocks: 1,
    patch: { channels: 16, layers: 1 },
  } as const;
  beforeAll(async () => {
    backend = await onnx();
    folder = await mkdtemp(join(tmpdir(), 'vqkit-vqgan-'));
    const [count, side] = [24, 24];
    const idx = new Uint8Array(16 + count * side * side);
    const view = new DataView(idx.buffer);
    for (const [i, value] of [0x0803, count, side, side].entries()) view.setUint32(4 * i, value);
    const stream = random(1);
    for (let i = 16; i < idx.length; i++) idx[i] = stream.integer(256);
    await writeFile(join(folder, 'digits.idx'), idx);
    await mkdir(join(folder, 'photos'));
    await writeNoisePhotos(join(folder, 'photos'), ['0.png', '1.png', '2.png', '3.png']);
  });
  afterAll(async () => {
    backend.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  const values = (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));

  it('learns without codes, with codes, then with a discriminator, goes on exactly, and publishes what opens', async () => {
    const recipe = await vqganRecipe({
      ...small,
      data: join(folder, 'digits.idx'),
      steps: 6,
      warmup: 2,
      delay: 4,
      validateSteps: 3,
    });
    const out = join(folder, 'whole');
    const { whole, resumed } = await trainAndResume(() => recipe, { backend, out });
    expect(await values(resumed.state)).toEqual(await values(whole.state));
    const log = await readLog(join(out, 'log.jsonl'));
    expect(log.map(({ metrics: { commitment, hinge, factor } }) => [commitment, hinge, factor].map(Boolean))).toEqual([
      [false, false, false],
      [false, false, false],
      [true, false, false],
      [true, false, false],
      [true, true, true],
      [true, true, true],
    ]);
    const scored = log.filter(({ validation }) => validation);
    expect(scored.map(({ step }) => step)).toEqual([3, 6]);
    for (const { validation } of scored) {
      expect(Object.keys(validation!).sort()).toEqual(['entropyBits', 'lpips', 'psnr', 'usedCodes']);
      expect(Object.values(validation!).every(Number.isFinite)).toBe(true);
      // Noise of all values: a flat grey has 10·log₁₀(4 / (1/3)) = 10.8 dB; a network of a few steps less.
      expect(validation!.psnr).toBeGreaterThan(3);
      expect(validation!.usedCodes).toBeLessThanOrEqual(16);
    }
    const model = await loadModel(await openWeights(out), { quantizers });
    expect(model.manifest).toMatchObject({
      architecture: 'vqgan',
      options: { dimension: 8, channels: 8, multipliers: [1, 2], blocks: 1, groups: 8 },
      quantizer: { name: 'vq', options: { codes: 16, dimension: 8 } },
    });
    // What averages and revival remember stays behind.
    const { names } = await openSafetensors(await readFile(join(out, 'weights.safetensors')));
    expect(names.filter((name) => name.startsWith('quantizer'))).toEqual(['quantizer.codebook']);
  });

  it('learns the codes of other quantizers by gradients, from photos, with a discriminator of features', async () => {
    const recipe = await vqganRecipe({
      ...small,
      data: join(folder, 'photos'),
      crop: 48,
      quantizer: 'looc',
      parts: 4,
      discriminator: 'conditioned',
      steps: 2,
      warmup: 0,
      delay: 0,
      half: 0.5,
    });
    const out = join(folder, 'looc');
    const { state } = await train(recipe, { backend, out });
    expect(state.quantizer).toBeUndefined();
    const model = await loadModel(await openWeights(out), { quantizers });
    expect(model.rates).toMatchObject([{ codebookSizes: [16, 16, 16, 16] }]);
    const other = await vqganRecipe({ ...small, data: join(folder, 'photos'), crop: 48, quantizer: 'fsq', steps: 3 });
    await expect(train(other, { backend, out, resume: true })).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });

  it('moves codes by gradients with anchors, publishes tables alone, and validates on the photos that are named', async () => {
    const file = join(folder, 'held-out.txt');
    await writeFile(file, '0.png\n2.png\n');
    const common = { ...small, data: join(folder, 'photos'), heldOut: file, crop: 48, steps: 2, warmup: 0, delay: 2 };
    const published = async (name: string, options: Partial<VqganRecipeOptions>) => {
      const recipe = await vqganRecipe({ ...common, ...options });
      expect(recipe.identity).toMatchObject({ images: [2, 48, 48] });
      const out = join(folder, name);
      const { state } = await train(recipe, { backend, out });
      expect(state.quantizer).toBeUndefined();
      const [validation] = (await readLog(join(out, 'log.jsonl'))).flatMap(({ validation: own }) => (own ? [own] : []));
      expect(validation!.psnr).toBeGreaterThan(3);
      await loadModel(await openWeights(out), { quantizers });
      const { names } = await openSafetensors(await readFile(join(out, 'weights.safetensors')));
      const remembered = tensorsOf((state.model.quantizer as { local?: unknown }).local ?? state.model.quantizer);
      return [remembered.length, names.filter((own) => own.startsWith('quantizer')).sort()];
    };
    const halves = { quantizer: 'product', parts: 2 } as const;
    const parts = ['quantizer.parts.0.codebook', 'quantizer.parts.1.codebook'];
    // with the use of each code
    expect(await published('anchors', { ...halves, follow: 'anchors' })).toEqual([4, parts]);
    // of the dual codebook, what its transformer made
    const tables = ['quantizer.global.table', 'quantizer.local.codebook'];
    expect(await published('dual', { quantizer: 'dual-codebook', follow: 'anchors' })).toEqual([2, tables]);
  });

  it('moves nothing by a discriminator whose weight is 0', async () => {
    const recipe = await vqganRecipe({ ...small, data: join(folder, 'digits.idx'), adversarial: 0, delay: 0 });
    expect([0, 199, 200, 20_000].map(recipe.phase)).toEqual(['continuous', 'continuous', 'quantized', 'quantized']);
  });

  it('refuses sizes that do not fit', async () => {
    const make = (options: Partial<VqganRecipeOptions>) =>
      vqganRecipe({ ...small, data: join(folder, 'digits.idx'), ...options });
    await expect(make({ multipliers: [1, 1, 2, 2, 4] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('multiples of 16'),
    });
    await expect(make({ half: 1 })).rejects.toMatchObject({ message: expect.stringContaining('from 40 on') });
    await expect(make({ batch: 100 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(make({ channels: 12 })).rejects.toMatchObject({ message: expect.stringContaining('multiple of 8') });
    await expect(make({ quantizer: 'looc', parts: 3 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(make({ quantizer: 'fsq', follow: 'anchors' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(make({ heldOut: join(folder, 'held-out.txt') })).rejects.toMatchObject({
      message: expect.stringContaining('with a folder of photos'),
    });
    await expect(make({ data: join(folder, 'none') })).rejects.toMatchObject({ code: 'DATA_MISSING' });
  });
});
