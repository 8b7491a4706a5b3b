import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { transformerConceal } from '@vqkit/codec/transformer';
import { type Backend, cpu, tensorsOf } from '@vqkit/core';
import { photoTokenizer } from '@vqkit/models';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { openWeights, writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyNetwork, tinyPhoto } from '../../../../../tooling/tiny-photo.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { makeQuantizer, packModel } from '../quantizers.ts';
import { indexTransformerRecipe } from './index-transformer.ts';

describe('the recipe index-transformer', () => {
  let folder = '';
  let backend: Backend;
  let tokenizer: WeightsPackage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-index-transformer-'));
    backend = await onnx();
    tokenizer = await tinyPhoto({ id: 'tiny', deviation: 0.3 });
    const [width, height] = [192, 128];
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
        const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
        return 128 + 120 * Math.sin(x / (60 + 9 * i) + 2 * (at % 3) + i) * Math.cos(y / 70 + i);
      });
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(join(folder, `${name}.png`));
    }
    await writeFile(join(folder, 'held-out.txt'), 'c.png\nd.png\n');
  });
  afterAll(async () => {
    backend.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const sizes = { batch: 2, crop: 96, width: 16, blocks: 1, heads: 2, rate: 1e-2 } as const;
  const common = () => ({ data: folder, tokenizer, ...sizes });
  const values = (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));

  it('learns, scores photos held out, and publishes what completes indices of its tokenizer alone', async () => {
    const out = join(folder, 'learned');
    const heldOut = join(folder, 'held-out.txt');
    const recipe = await indexTransformerRecipe({ ...common(), steps: 200, heldOut, validateSteps: 100 });
    await train(recipe, { backend, out, logSteps: 1 });
    const log = await readLog(join(out, 'log.jsonl'));
    const meanLoss = (from: number, to: number): number =>
      log.slice(from, to).reduce((sum, { metrics }) => sum + metrics.loss!, 0) / (to - from);
    expect(meanLoss(160, 200)).toBeLessThan(0.9 * meanLoss(0, 40));
    const validated = log.flatMap(({ validation }) => (validation ? [validation] : []));
    expect(validated).toHaveLength(2);
    const names = [5, 10, 20, 50].flatMap((share) => ['accuracy', 'crossEntropy', 'neighbours'].map((s) => s + share));
    expect(Object.keys(validated[1]!).sort()).toEqual(names.sort());
    expect(validated[1]!.crossEntropy20).toBeLessThan(validated[0]!.crossEntropy20!);
    expect(validated[1]!.neighbours20).toBe(validated[0]!.neighbours20);

    const weights = await openWeights(out);
    expect(weights.manifest).toMatchObject({
      architecture: 'index-transformer',
      options: { dimension: 4, width: 16, blocks: 1, heads: 2 },
      codebookSizes: [4, 16],
      tokenizer: 'tiny',
    });
    const conceal = await transformerConceal(weights, { backend });
    const grid = { width: 4, height: 3, codebookSizes: [16] };
    const lost = Uint8Array.from({ length: 12 }, (_, i) => Number(i === 5));
    const filled = await conceal(new Uint32Array(12), lost, { ...grid, modelId: 'tiny' });
    expect(filled[5]).toBeLessThan(16);
    await expect(conceal(filled, lost, { ...grid, modelId: 'ph-1' })).rejects.toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringContaining("got 16 codes of 'ph-1'"),
    });
    conceal.dispose();
  });

  it('publishes what was best on photos held out', async () => {
    const heldOut = join(folder, 'held-out.txt');
    const best = async (steps: number, rate: number, out: string) => {
      const recipe = await indexTransformerRecipe({ ...common(), steps, rate, decay: 0, heldOut, validateSteps: 20 });
      const { state } = await train(recipe, { backend, out: join(folder, out) });
      const log = await readLog(join(folder, out, 'log.jsonl'));
      const errors = log.flatMap(({ validation }) => (validation ? [validation.crossEntropy20!] : []));
      return { errors, state };
    };
    // A rate that is much too high spoils it again.
    const { errors, state } = await best(60, 1, 'spoiled');
    const kept = await state.bestError.item();
    expect(kept).toBeCloseTo(Math.min(...errors.slice(0, -1)), 4);
  });

  it('goes on exactly from a checkpoint, with Muon, and refuses that of another tokenizer', async () => {
    const out = join(folder, 'whole');
    const other = { ...tokenizer, manifest: { ...tokenizer.manifest, id: 'other' } };
    const recipes = {
      own: await indexTransformerRecipe({ ...common(), steps: 4, optimizer: 'muon' }),
      other: await indexTransformerRecipe({ ...common(), steps: 4, optimizer: 'muon', tokenizer: other }),
    };
    const { whole, resumed } = await trainAndResume(() => recipes.own, { backend, out });
    expect(await values(resumed.state)).toEqual(await values(whole.state));
    await expect(train(recipes.other, { backend, out, resume: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringContaining('model "tiny" instead of "other"'),
    });
  });

  it('learns the indices of any quantizer that has one a position, from a folder', async () => {
    const own = cpu();
    const { encoder, decoder } = photoTokenizer({ ...tinyNetwork, dimension: 3 }).init(own, 1);
    const publish = async (spec: Parameters<typeof makeQuantizer>[0], out: string) => {
      const quantizer = makeQuantizer(spec);
      const params = quantizer.init(own, 1);
      const options = { ...tinyNetwork, dimension: 3 };
      const model = { architecture: 'photo-tokenizer', options, encoder, decoder, spec, quantizer, params };
      await writeWeights(join(folder, out), await packModel(model));
      return join(folder, out);
    };
    const fsq = await publish({ name: 'fsq', options: { levels: [3, 3, 3] } }, 'fsq');
    const recipe = await indexTransformerRecipe({ ...common(), tokenizer: fsq, steps: 1 });
    await train(recipe, { backend, out: join(folder, 'of-fsq') });
    expect((await openWeights(join(folder, 'of-fsq'))).manifest.codebookSizes).toEqual([27]);
    const options = { codes: 4, dimension: 3, depth: 2 };
    const residual = await publish({ name: 'residual', options }, 'residual');
    await expect(indexTransformerRecipe({ ...common(), tokenizer: residual })).rejects.toThrow(
      /expected a tokenizer of one index a position, got 2/,
    );
    await expect(indexTransformerRecipe({ ...common(), crop: 104 as never })).rejects.toThrow(/a multiple of 16/);
    await expect(indexTransformerRecipe({ ...common(), tokenizer: 5 as never })).rejects.toThrow(
      /a weights package, or the path of its folder/,
    );
  });
});
