import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu, random, tensorsOf } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { writeNoisePhotos } from '../../testing/noise-photos.ts';
import { quantizers } from '../quantizers.ts';
import { vqvaeRecipe } from './vqvae.ts';

const backend = cpu();
const small = { hidden: 4, batch: 2, codes: 4, dimension: 8, warmup: 1 } as const;

describe('vqvae', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-vqvae-'));
    await writeNoisePhotos(folder, ['0.png', '1.png', '2.png'], { width: 24, height: 20 });
    const [count, side] = [24, 8];
    const idx = new Uint8Array(16 + count * side * side);
    const view = new DataView(idx.buffer);
    for (const [i, value] of [0x0803, count, side, side].entries()) view.setUint32(4 * i, value);
    const stream = random(1);
    for (let i = 16; i < idx.length; i++) idx[i] = stream.integer(256);
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idx);
    await writeFile(join(folder, 'odd.idx'), idx.subarray(0, 100));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('goes on exactly where it was stopped, judges every epoch, and publishes what opens', async () => {
    const recipe = () => vqvaeRecipe({ ...small, data: folder, quantizer: 'residual', epochs: 2, batch: 4 });
    const whole = await train(await recipe(), { backend, out: join(folder, 'whole') });
    const out = join(folder, 'part');
    await train({ ...(await recipe()), steps: 6 }, { backend, out });
    const resumed = await train(await recipe(), { backend, out, resume: true });
    expect(resumed.step).toBe(10);
    const values = (tree: unknown) => tensorsOf(tree).map((x) => [...x.dataSync()]);
    expect(values(resumed.state)).toEqual(values(whole.state));
    const validated = (await readLog(join(out, 'log.jsonl'))).filter(({ validation }) => validation);
    // The last step of each run, too.
    expect(validated.map(({ step }) => step)).toEqual([5, 6, 10]);
    const model = await loadModel(await openWeights(out), { quantizers });
    expect(model.rates).toMatchObject([{ codebookSizes: [4, 4] }]);
  });

  it('takes crops of photos where there is no IDX file', async () => {
    const photos = join(folder, 'photos');
    await sharp({ create: { width: 24, height: 20, channels: 3, background: '#28c' } })
      .png()
      .toFile(join(folder, 'blue.png'));
    await rm(join(folder, 'train-images-idx3-ubyte'));
    const recipe = await vqvaeRecipe({ ...small, data: folder, quantizer: 'fsq', levels: [3, 3], crop: 16, steps: 2 });
    expect(recipe.stepsPerEpoch).toBe(1);
    const { step } = await train(recipe, { backend, out: photos });
    expect(step).toBe(2);
    expect((await openWeights(photos)).manifest).toMatchObject({ options: { channels: 3, dimension: 2 } });
  });

  it('refuses damaged files and sizes that do not fit', async () => {
    const data = join(folder, 'odd.idx');
    await expect(vqvaeRecipe({ data })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    const other = vqvaeRecipe({ data: folder, quantizer: 'looc', dimension: 10, parts: 4 });
    await expect(other).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('looc') });
    await expect(vqvaeRecipe({ data: join(folder, 'none') })).rejects.toMatchObject({ code: 'DATA_MISSING' });
  });
});
