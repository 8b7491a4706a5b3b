import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, openSafetensors, tensorsOf } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../../tooling/shared-data.ts';
import { tinyNetwork as network } from '../../../../../tooling/tiny-photo.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { writeNoisePhotos } from '../../testing/noise-photos.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { quantizers } from '../quantizers.ts';
import { photoRecipe } from './photo.ts';
import { photoRatesRecipe } from './photo-rates.ts';
import { photoTextureRecipe } from './photo-texture.ts';

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const isMissing = !existsSync(lpipsWeights);

describe.skipIf(isMissing)(
  `photo recipes${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    let backend: Backend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-recipe-'));
      backend = await onnx();
      await writeNoisePhotos(folder, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    });
    afterAll(async () => {
      backend.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    it('learn by Muon, with a rotated gradient, other codes and shortcuts, and go on exactly from a checkpoint', async () => {
      const common = { data: folder, lpipsWeights, batch: 2, crop: 48, codes: 16, warmup: 1, network } as const;
      const more = {
        optimizer: 'muon',
        gradient: 'rotation',
        dimension: 8,
        shortcut: 'spaceToChannel',
        decay: 0.5,
      } as const;
      const recipe = (steps: number) => photoRecipe({ ...common, ...more, metric: 'cosine', steps });
      const out = join(folder, 'whole');
      const { whole, resumed } = await trainAndResume(() => recipe(3), { backend, out });
      const values = async (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));
      expect(await values(resumed.state)).toEqual(await values(whole.state));
      const from = join(out, 'photo.safetensors');
      // The folder opens as it is, with the metric that found the codes.
      const model = await loadModel(await openWeights(out), { quantizers });
      expect(model.manifest.quantizer).toEqual({ name: 'vq', options: { codes: 16, dimension: 8, metric: 'cosine' } });
      const other = { ...common, ...more, metric: 'l2', steps: 3 } as const;
      await expect(train(photoRecipe(other), { backend, out, resume: true })).rejects.toMatchObject({
        code: 'CHECKPOINT_MISMATCH',
        message: expect.stringContaining('metric "cosine" instead of "l2"'),
      });
      await expect(photoRatesRecipe({ data: folder, lpipsWeights, from })).rejects.toThrow(/found by l2, got cosine/);
    });

    it('learn with quantizers whose codes move by gradients, go on exactly, and publish what opens', async () => {
      const common = { data: folder, lpipsWeights, batch: 1, crop: 48, network, optimizer: 'muon' } as const;
      const residual = { quantizer: 'residual', codes: 16, dimension: 8, depth: 2, warmup: 1, steps: 3 } as const;
      const values = async (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));
      const out = join(folder, 'residual');
      const { whole, resumed } = await trainAndResume(() => photoRecipe({ ...common, ...residual }), { backend, out });
      expect(await values(resumed.state)).toEqual(await values(whole.state));
      const fsq = photoRecipe({ ...common, quantizer: 'fsq', warmup: 0, steps: 1 });
      await train(fsq, { backend, out: join(folder, 'fsq') });
      for (const [name, codebookSizes] of [
        ['residual', [16, 16]],
        ['fsq', [1000]],
      ] as const) {
        const model = await loadModel(await openWeights(join(folder, name)), { quantizers });
        expect(model.manifest).toMatchObject({ architecture: 'photo-tokenizer', quantizer: { name } });
        expect(model.rates[0]!.codebookSizes).toEqual(codebookSizes);
        expect(existsSync(join(folder, name, 'photo.safetensors'))).toBe(false);
      }
      expect(() => photoRecipe({ ...common, ...residual, metric: 'cosine' })).toThrow(/--metric with the quantizer vq/);
      expect(() => photoRecipe({ ...common, quantizer: 'product', parts: 3 })).toThrow(
        /sizes that fit the quantizer product/,
      );
    });

    it('refuse impossible options, and held-out photos that are not there', async () => {
      const common = { data: folder, lpipsWeights };
      const expectCode = (fn: () => unknown, message: RegExp) => expect(fn).toThrow(message);
      expectCode(
        () => photoRecipe({ ...common, codes: 10_000 }),
        /codes to be a whole number from 2 to 8192, got 10000/,
      );
      expectCode(() => photoRecipe({ ...common, crop: 100 }), /a multiple of 16/);
      expectCode(() => photoRecipe({ lpipsWeights } as never), /expected data to be a folder/);
      expectCode(() => photoRecipe({ ...common, what: 1 } as never), /expected what to be one of data/);
      await writeFile(join(folder, 'gone.txt'), 'a.jpg\ngone.jpg\n');
      const recipe = photoRecipe({ ...common, network, heldOut: join(folder, 'gone.txt') });
      await expect(train(recipe, { backend, out: join(folder, 'gone') })).rejects.toThrow(/got none for gone.jpg/);
    });

    it('train, publish, teach the decoder all rates, and then texture', async () => {
      const heldOut = join(folder, 'held-out.txt');
      await writeFile(heldOut, 'c.jpg\nd.jpg\n');
      const common = { data: folder, lpipsWeights, batch: 3, crop: 48, half: 0.5, heldOut, validateSteps: 4 };
      const first = join(folder, 'first');
      const losses: number[] = [];
      const onProgress = ({ metrics }: { metrics: Readonly<Record<string, number>> }): void =>
        void losses.push(metrics.loss!);
      await train(photoRecipe({ ...common, steps: 6, codes: 32, warmup: 2, network }), {
        backend,
        out: first,
        logSteps: 1,
        onProgress,
      });
      expect(losses).toHaveLength(6);
      const validated = (await readLog(join(first, 'log.jsonl'))).filter(({ validation }) => validation);
      expect(validated.map(({ step }) => step)).toEqual([4, 6]);
      const scores = Object.keys(validated[0]!.validation!).sort();
      expect(scores).toEqual(['entropyBits', 'frechet', 'lpips', 'msSsim', 'psnr', 'usedCodes']);
      expect(Object.values(validated[1]!.validation!).every(Number.isFinite)).toBe(true);

      const second = join(folder, 'second');
      const rates = await photoRatesRecipe({
        ...common,
        steps: 2,
        from: join(first, 'photo.safetensors'),
        sizes: [16, 8],
      });
      await train(rates, { backend, out: second, logSteps: 1, onProgress });

      const third = join(folder, 'third');
      const from = join(second, 'weights.safetensors');
      // One step in which the discriminator learns alone, then two with both.
      const texture = await photoTextureRecipe({
        ...common,
        heldOut: undefined,
        steps: 3,
        from,
        delay: 1,
        patch: { channels: 16, layers: 1 },
      });
      await train(texture, { backend, out: third, logSteps: 1, onProgress });
      const conditioned = await photoTextureRecipe({
        ...common,
        heldOut: undefined,
        steps: 1,
        from,
        delay: 0,
        discriminator: 'conditioned',
      });
      await train(conditioned, { backend, out: join(folder, 'fourth'), logSteps: 1, onProgress });
      // The second stage goes on from what it or the third published, with the codebooks that are there.
      const published = { ...common, heldOut: undefined, steps: 1, from: join(third, 'weights.safetensors') };
      const again = join(folder, 'again');
      await train(await photoRatesRecipe(published), { backend, out: again, logSteps: 1, onProgress });
      await expect(photoRatesRecipe({ ...published, sizes: [8] })).rejects.toThrow(/which has its codebooks/);
      expect(losses).toHaveLength(13);
      expect(losses.every(Number.isFinite)).toBe(true);

      const files = [from, join(third, 'weights.safetensors'), join(again, 'weights.safetensors')];
      const [before, after, last, prolonged] = await Promise.all(
        [join(first, 'photo.safetensors'), ...files].map(async (path) =>
          openSafetensors(new Uint8Array(await readFile(path))),
        ),
      );
      expect(
        after!.names.filter((name) => name.startsWith('codebooks.')).map((name) => after!.spec(name).shape),
      ).toEqual([
        [16, 16],
        [32, 16],
        [8, 16],
      ]);
      // Encoder and codebook are frozen in the second stage: files keep their meaning.
      expect(await after!.read('encoder.1.weight')).toEqual(await before!.read('model.encoder.1.weight'));
      expect(await after!.read('codebooks.32')).toEqual(await before!.read('quantizer.codebook'));
      expect(await after!.read('decoder.0.bias')).not.toEqual(await before!.read('model.decoder.0.bias'));
      // And in those after it, which publish the same tensors again.
      for (const later of [last!, prolonged!]) {
        expect(later.names).toEqual(after!.names);
        for (const name of ['encoder.1.weight', 'codebooks.32', 'codebooks.8'])
          expect(await later.read(name)).toEqual(await after!.read(name));
        expect(await later.read('decoder.0.bias')).not.toEqual(await after!.read('decoder.0.bias'));
      }
    });
  },
);
