import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { photoRecipe, quantizerNames, train } from '@vqkit/training';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noisePhoto } from '../../../../tooling/noise-photo.ts';
import { dataPath, lacks } from '../../../../tooling/shared-data.ts';
import { tinyNetwork } from '../../../../tooling/tiny-photo.ts';
import { type FileSize, linesOf, quantizerCases } from '../testing/quantizer-cases.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { runHere } from '../testing/run-here.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

describe.skipIf(lacks(lpips))(
  `vqkit train photo with any quantizer, then encode, decode and inspect${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    const sizes: FileSize[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-photos-'));
      await mkdir(join(folder, 'photos'));
      for (const [i, name] of ['a', 'b'].entries())
        await sharp(...noisePhoto({ width: 96, height: 64, seed: i })).toFile(join(folder, 'photos', `${name}.png`));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    for (const quantizer of quantizerNames) {
      const [options, bits] = quantizerCases[quantizer];
      it(`${quantizer}: publishes what the codec opens`, async () => {
        const out = join(folder, quantizer);
        const backend = await onnx({ threads: 1 });
        // The command has the sizes of the published networks; smaller ones are given in code.
        const data = { data: join(folder, 'photos'), lpipsWeights: dataPath(lpips) };
        const length = { batch: 1, crop: 48, steps: 2, warmup: 0 };
        await train(photoRecipe({ ...data, ...length, network: tinyNetwork, ...options, quantizer }), { backend, out });
        backend.dispose();
        const { facts, pixels } = await roundTrip(join(folder, 'photos', 'a.png'), out);
        expect(facts).toMatchObject({ width: 96, height: 64 });
        expect(pixels).toHaveLength(96 * 64);
        // 6×4 positions.
        const indexBytes = (24 * bits) / 8;
        expect(facts.bytes).toBeLessThan(1.2 * indexBytes + 48);
        sizes.push({ name: quantizer, bits, indexBytes, bytes: facts.bytes as number });
      });
    }

    it('says what the files took', () => {
      console.info(linesOf(sizes));
      expect(sizes).toHaveLength(8);
    });

    it('takes the quantizer from the command line, with its own sizes', async () => {
      const out = join(folder, 'command');
      const data = ['--data', join(folder, 'photos'), '--lpips-weights', dataPath(lpips), '--out', out];
      const wrong = await runHere(['train', 'photo', '--quantizer', 'looc', '--parts', '3', ...data]);
      expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('sizes that fit the quantizer looc') });
      const { stdout } = await runHere(['train', 'photo', '--help']);
      for (const name of quantizerNames) expect(stdout).toContain(name);
    });
  },
);
