import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noisePhoto } from '../../../../tooling/noise-photo.ts';
import { dataPath, lacks } from '../../../../tooling/shared-data.ts';
import { optionWords, quantizerCases } from '../testing/quantizer-cases.ts';
import { roundTrip, run } from '../testing/round-trip.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

describe.skipIf(lacks(lpips))(
  `vqkit train vqgan, then encode, decode and inspect${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-vqgan-'));
      await mkdir(join(folder, 'photos'));
      for (const [i, name] of ['a', 'b', 'c'].entries())
        await sharp(...noisePhoto({ width: 96, height: 64, seed: i })).toFile(join(folder, 'photos', `${name}.png`));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    for (const name of ['vq', 'dual-codebook', 'looc'] as const) {
      it(`${name}: with a discriminator, publishes what the codec opens`, async () => {
        const out = join(folder, name);
        const [, bits] = quantizerCases[name];
        const data = ['--data', join(folder, 'photos'), '--lpips-weights', dataPath(lpips), '--out', out];
        const network = ['--channels', '8', '--multipliers', '1,1,2', '--blocks', '1', '--batch', '1', '--crop', '48'];
        const lengths = ['--steps', '3', '--warmup', '1', '--delay', '2'];
        const own = ['--quantizer', name, ...optionWords(name), '--threads', '1'];
        await run('train', 'vqgan', ...data, ...network, ...lengths, ...own);
        const { facts, pixels } = await roundTrip(join(folder, 'photos', 'a.png'), out);
        expect(facts).toMatchObject({ width: 96, height: 64 });
        expect(pixels).toHaveLength(96 * 64);
        // 24×16 positions.
        expect(facts.bytes).toBeLessThan((1.2 * 24 * 16 * bits) / 8 + 48);
      });
    }
  },
);
