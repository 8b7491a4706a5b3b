/** Super-resolution with other quantizers for the texture: from training to pictures, all three stages. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, cpu, disposeTree } from '@vqkit/core';
import { createUpscaler } from '@vqkit/sr';
import { openWeights } from '@vqkit/tokenizer/node';
import { quantizers, type Recipe, srPredictorRecipe, srRapRecipe, srTokenizerRecipe, train } from '@vqkit/training';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webgpuUnderTest } from '../../../tooling/backends-under-test.ts';
import { noisePhoto } from '../../../tooling/noise-photo.ts';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';
const webgpu = await webgpuUnderTest();

/** Sizes of a quantizer's codes that are not the default's here. */
const sizes: Partial<Record<string, { dimension?: number; levels?: number[] }>> = {
  'dual-codebook': { dimension: 8 },
  fsq: { levels: [4, 3, 5] },
};

describe.skipIf(lacks(lpips))(
  `super-resolution from training to pictures${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder: string;
    let backend: Backend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-swap-'));
      backend = await onnx();
      for (const [i, name] of ['a.png', 'b.png', 'c.png'].entries()) {
        const image = sharp(...noisePhoto({ width: 64, height: 48, mean: 90 + 30 * i, seed: i }));
        await image.blur(1).toFile(join(folder, name));
      }
      await writeFile(join(folder, 'held-out.txt'), 'c.png\n');
    });
    afterAll(async () => {
      backend.dispose();
      await rm(folder, { recursive: true });
    });

    // Learned by gradients; a transformer that gives way to its table; stages; no parameters at all. (RAP through all: training's tests.)
    it.each(['looc', 'dual-codebook', 'residual', 'fsq'] as const)(
      'works with the texture quantizer %s',
      async (quantizer) => {
        const common = { data: folder, lpipsWeights: dataPath(lpips), batch: 1, crop: 48 } as const;
        const run = async (recipe: Recipe<never, never, never>, name: string): Promise<string> => {
          const out = join(folder, quantizer, name);
          const { state, reason } = await train(recipe as unknown as Recipe<object>, { backend, out });
          disposeTree(state);
          expect(reason).toBe('finished');
          return out;
        };
        const own = {
          quantizer,
          codes: 8,
          dimension: 4,
          parts: 2,
          structure: 3,
          skip: 1,
          ...sizes[quantizer],
        } as const;
        const small = { channels: [8, 8, 8], decoderChannels: [8, 8, 8, 8], blocks: 1 } as const;
        const lengths = { steps: 2, warmup: 1, adversarial: 0 } as const;
        const tokenizer = srTokenizerRecipe({ ...common, ...own, ...lengths, network: small });
        const first = await run(tokenizer as never, 'tokenizer');
        const predicting = { channels: [8, 8, 8], blocks: [1, 1, 1] } as const;
        const from = join(first, 'sr-tokenizer.safetensors');
        const second = await run(
          (await srPredictorRecipe({ ...common, from, steps: 1, network: predicting })) as never,
          'codes',
        );
        const model = join(second, 'sr-model.safetensors');
        const third = await run(
          (await srRapRecipe({ ...common, from: model, steps: 1, adversarial: 0 })) as never,
          'rap',
        );

        const weights = await openWeights(third);
        expect(weights.manifest.quantizer!.name).toBe(quantizer);
        const image = {
          data: await sharp(join(folder, 'c.png')).resize(24, 18).raw().toBuffer(),
          width: 24,
          height: 18,
        };
        const enlarged = async (place: Backend): Promise<number[]> => {
          const upscaler = await createUpscaler(weights, { backend: place, quantizers });
          const { data, ...size } = await upscaler.upscale(image);
          expect(size).toEqual({ width: 96, height: 72, channels: 3 });
          upscaler.dispose();
          return [...data];
        };
        const reference = await enlarged(cpu());
        expect(new Set(reference).size).toBeGreaterThan(8);
        for (const open of [async () => backend, ...(webgpu ? [webgpu] : [])]) {
          const place = await open();
          const there = await enlarged(place);
          expect(Math.max(...there.map((value, i) => Math.abs(value - reference[i]!)))).toBeLessThanOrEqual(1);
          if (place !== backend) place.dispose();
        }
      },
    );
  },
);
