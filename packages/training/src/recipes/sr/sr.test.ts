import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, disposeTree, openSafetensors, tensorsOf, writeSafetensors } from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../../tooling/shared-data.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { writeNoisePhotos } from '../../testing/noise-photos.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { makeQuantizer } from '../quantizers.ts';
import { srPredictorRecipe } from './sr-predictor.ts';
import { srRapRecipe } from './sr-rap.ts';
import { srTokenizerRecipe } from './sr-tokenizer.ts';

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const isMissing = !existsSync(lpipsWeights);
const network = { channels: [16, 16, 16], decoderChannels: [16, 16, 16, 16], blocks: 1 } as const;

describe.skipIf(isMissing)(
  `recipes of super-resolution${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    let backend: Backend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-sr-recipe-'));
      backend = await onnx();
      await writeNoisePhotos(folder, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
      await writeFile(join(folder, 'held-out.txt'), 'c.jpg\nd.jpg\n');
    });
    afterAll(async () => {
      backend.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    const common = () => ({
      data: folder,
      lpipsWeights,
      batch: 2,
      crop: 48,
      codes: 16,
      dimension: 8,
      structure: 4,
      network,
    });
    const values = (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));

    it('train a tokenizer without codes, with codes, then with a discriminator, and go on exactly from a checkpoint', async () => {
      const recipe = () =>
        srTokenizerRecipe({
          ...common(),
          steps: 6,
          warmup: 2,
          delay: 4,
          skip: 1,
          heldOut: join(folder, 'held-out.txt'),
          validateSteps: 6,
        });
      const out = join(folder, 'whole');
      const { whole, resumed } = await trainAndResume(recipe, { backend, out });
      expect(await values(resumed.state)).toEqual(await values(whole.state));
      const log = await readLog(join(out, 'log.jsonl'));
      expect(log.map(({ metrics }) => [metrics.commitment !== undefined, metrics.hinge !== undefined])).toEqual([
        [false, false],
        [false, false],
        [true, false],
        [true, false],
        [true, true],
        [true, true],
      ]);
      expect(log.every(({ metrics }) => metrics.align! >= 0 && metrics.small! > 0)).toBe(true);
      expect(Object.values(log.at(-1)!.validation!).every(Number.isFinite)).toBe(true);
      const { metadata } = await openSafetensors(new Uint8Array(await readFile(join(out, 'sr-tokenizer.safetensors'))));
      expect(JSON.parse(metadata.sr!)).toMatchObject({
        model: { structure: 4, skip: 1 },
        quantizer: { name: 'vq', options: { codes: 16 } },
      });
    });

    it('train a predictor on codes, then on images, and publish a package', async () => {
      const first = join(folder, 'first');
      await train(srTokenizerRecipe({ ...common(), steps: 2, warmup: 0, adversarial: 0, skip: 1 }), {
        backend,
        out: first,
      });
      const { network: _, codes, dimension, structure, ...data } = common();
      const heldOut = join(folder, 'held-out.txt');
      const predict = await srPredictorRecipe({
        ...data,
        from: join(first, 'sr-tokenizer.safetensors'),
        steps: 3,
        heldOut,
        network: { channels: [16, 16, 16], blocks: [1, 1, 1] },
      });
      const second = join(folder, 'second');
      await train(predict, { backend, out: second, logSteps: 1 });
      const log = await readLog(join(second, 'log.jsonl'));
      expect(Object.keys(log[0]!.metrics).sort()).toEqual(['accuracy', 'loss', 'norm', 'structure', 'texture']);
      expect(Object.values(log.at(-1)!.validation!).every(Number.isFinite)).toBe(true);
      const third = join(folder, 'third');
      const rap = await srRapRecipe({ ...data, from: join(second, 'sr-model.safetensors'), steps: 3, delay: 1 });
      await train(rap, { backend, out: third, logSteps: 1 });
      const metrics = (await readLog(join(third, 'log.jsonl'))).map((event) => event.metrics);
      expect(metrics.map(({ hinge, factor }) => [hinge !== undefined, factor !== undefined])).toEqual([
        [true, false],
        [true, true],
        [true, true],
      ]);
      const manifest = JSON.parse(await readFile(join(third, 'manifest.json'), 'utf8'));
      expect(manifest).toMatchObject({
        id: 'sr-x4',
        architecture: 'tvq-rap',
        options: { model: { skip: 1, structure }, predictor: { codes: [codes] } },
        quantizer: { name: 'vq', options: { codes, dimension } },
      });
      const again = join(folder, 'again');
      const model = join(third, 'sr-model.safetensors');
      const other = { ...common(), from: model, degradation: 'mild', steps: 2, skip: 1, adversarial: 0 } as const;
      disposeTree((await train(srTokenizerRecipe({ ...other, rate: 1e-8 }), { backend, out: again })).state);
      const [was, is] = await Promise.all(
        [model, join(again, 'sr-tokenizer.safetensors')].map(async (file) => openSafetensors(await readFile(file))),
      );
      expect(JSON.parse(is!.metadata.sr!)).toEqual({ ...JSON.parse(was!.metadata.sr!), degradation: 'mild' });
      expect(is!.names).toEqual(was!.names);
      const head = was!.names.find((name) => name.startsWith('predictor.'))!;
      expect((await is!.read(head)).data).toEqual((await was!.read(head)).data);
      const layer = was!.names.find((name) => name.startsWith('model.decoder.'))!;
      const [before, after] = await Promise.all([was!, is!].map(async (file) => [...(await file.read(layer)).data]));
      expect(Math.max(...before!.map((x, i) => Math.abs(Number(x) - Number(after![i]))))).toBeLessThan(1e-4);
      await expect(
        train(srTokenizerRecipe({ ...other, structure: 8 }), { backend, out: join(folder, 'wider') }),
      ).rejects.toMatchObject({
        code: 'DATA_MISSING',
      });
      await expect(srRapRecipe({ ...data, from: join(first, 'sr-tokenizer.safetensors') })).rejects.toMatchObject({
        code: 'DATA_MISSING',
        message: expect.stringContaining('a tokenizer without predictor'),
      });
    });

    it('train the vanilla control, other quantizers and web-like small images', async () => {
      for (const variant of [
        { structure: 0, degradation: 'mild' },
        { quantizer: 'residual', optimizer: 'muon', degradation: 'full' },
      ] as const) {
        const recipe = srTokenizerRecipe({
          ...common(),
          ...variant,
          steps: 2,
          warmup: 0,
          delay: 0,
          adversarial: 0,
          skip: 0,
        });
        const out = join(folder, Object.keys(variant)[0]!);
        await train(recipe, { backend, out, logSteps: 1 });
        const [first, second] = await readLog(join(out, 'log.jsonl'));
        expect(first!.metrics.align === undefined).toBe('structure' in variant);
        expect(second!.metrics.loss).not.toBe(first!.metrics.loss);
      }
      const { network: _, codes, dimension, structure, ...data } = common();
      const from = join(folder, 'quantizer', 'sr-tokenizer.safetensors');
      const out = join(folder, 'residual-predictor');
      const sizes = { channels: [8, 8, 8], blocks: [1, 1, 1] } as const;
      await train(await srPredictorRecipe({ ...data, from, steps: 1, network: sizes }), { backend, out });
      // What opens it makes the quantizer from the manifest alone.
      const { id, quantizer } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
      expect(id, 'of weights for what is on the web').toBe('sr-real');
      expect(quantizer).toEqual({ name: 'residual', options: { codes, dimension, depth: 2 } });
      expect(makeQuantizer(quantizer).codebookSizes).toEqual([codes, codes]);
    });

    it('validate on small images made as those that are learned from, the same at every measurement', async () => {
      const { network: _, codes, dimension, structure, ...data } = common();
      const sizes = { channels: [8, 8, 8], blocks: [1, 1, 1] } as const;
      const out = join(folder, 'validated');
      const tokenizer = srTokenizerRecipe({ ...common(), steps: 1, warmup: 0, adversarial: 0 });
      disposeTree((await train(tokenizer, { backend, out, logSteps: 1 })).state);
      const from = join(out, 'sr-tokenizer.safetensors');
      const file = await openSafetensors(await readFile(from));
      const tensors = await Promise.all(file.names.map(async (name) => [name, await file.read(name)] as const));
      const measured: unknown[] = [];
      for (const degradation of ['bicubic', 'full', 'full']) {
        const sr = JSON.stringify({ ...JSON.parse(file.metadata.sr!), degradation });
        await writeFile(from, writeSafetensors(Object.fromEntries(tensors), { sr }));
        const heldOut = join(folder, 'held-out.txt');
        const { init, constants, validation } = await srPredictorRecipe({ ...data, from, network: sizes, heldOut });
        const run = { state: await init(backend, 1), constants: await constants(backend) };
        measured.push((await validation!.measure(run.state, 1, run.constants))!.psnr);
        validation!.dispose();
        disposeTree(run);
      }
      const [clean, degraded, again] = measured;
      expect(again).toBe(degraded);
      expect(Math.abs(Number(clean) - Number(degraded))).toBeGreaterThan(0.01);
    });
  },
);
