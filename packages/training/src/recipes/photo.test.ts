import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, openSafetensors } from '@vqkit/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../tooling/shared-data.ts';
import { train } from '../loop/train.ts';
import { photoRecipe } from './photo.ts';
import { photoRatesRecipe } from './photo-rates.ts';
import { photoTextureRecipe } from './photo-texture.ts';

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const network = {
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;
const isMissing = !existsSync(lpipsWeights);

describe.skipIf(isMissing)(
  `photo recipes${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    let backend: Backend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-recipe-'));
      backend = await onnx();
      for (const name of ['a', 'b']) {
        const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
        await sharp({ create: { width: 96, height: 64, channels: 3, background: '#888', noise } })
          .jpeg()
          .toFile(join(folder, `${name}.jpg`));
      }
    });
    afterAll(async () => {
      backend.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    it('train, publish, teach the decoder all rates, and then texture', async () => {
      const common = { data: folder, lpipsWeights, batch: 3, crop: 32, steps: 6, network };
      const first = join(folder, 'first');
      const losses: number[] = [];
      const onProgress = ({ metrics }: { metrics: Readonly<Record<string, number>> }): void =>
        void losses.push(metrics.loss!);
      await train(photoRecipe({ ...common, codes: 32, warmup: 2 }), {
        backend,
        out: first,
        steps: 6,
        logSteps: 1,
        onProgress,
      });
      expect(losses).toHaveLength(6);

      const second = join(folder, 'second');
      const rates = photoRatesRecipe({ ...common, from: join(first, 'photo.safetensors'), sizes: [16, 8] });
      await train(rates, { backend, out: second, steps: 2, logSteps: 1, onProgress });

      const third = join(folder, 'third');
      const from = join(second, 'weights.safetensors');
      // One step in which the discriminator learns alone, then two with both.
      const texture = photoTextureRecipe({ ...common, from, delay: 1, discriminator: { channels: 16, layers: 1 } });
      await train(texture, { backend, out: third, steps: 3, logSteps: 1, onProgress });
      expect(losses).toHaveLength(11);
      expect(losses.every(Number.isFinite)).toBe(true);

      const [before, after, last] = await Promise.all(
        [join(first, 'photo.safetensors'), from, join(third, 'weights.safetensors')].map(async (path) =>
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
      // And in the third, which publishes the same tensors again.
      expect(last!.names).toEqual(after!.names);
      for (const name of ['encoder.1.weight', 'codebooks.32', 'codebooks.8'])
        expect(await last!.read(name)).toEqual(await after!.read(name));
      expect(await last!.read('decoder.0.bias')).not.toEqual(await after!.read('decoder.0.bias'));
    });
  },
);
