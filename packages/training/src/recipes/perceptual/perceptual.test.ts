import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, loadTree, tensor, tensorsOf } from '@vqkit/core';
import { loadLpips, lpips } from '@vqkit/metrics';
import { perceptualNetwork } from '@vqkit/models';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../../tooling/shared-data.ts';
import { tinyNetwork } from '../../../../../tooling/tiny-photo.ts';
import { readLog } from '../../loop/log.ts';
import { train } from '../../loop/train.ts';
import { trainAndResume } from '../../testing/train-and-resume.ts';
import { photoRecipe } from '../photo/photo.ts';
import { differenceErrors, lpipsPlaces } from './difference-errors.ts';
import { perceptualRecipe } from './perceptual.ts';

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const isMissing = !existsSync(lpipsWeights);
const network = { channels: [8, 8, 8, 16], blocks: [1, 1, 1, 1] } as const;

describe.skipIf(isMissing)(
  `recipe perceptual${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    let backend: Backend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-perceptual-'));
      backend = await onnx({ threads: 1 });
      for (const [name, background] of Object.entries({ a: '#c22', b: '#2c2', c: '#22c' })) {
        await sharp({ create: { width: 96, height: 64, channels: 3, background } })
          .jpeg()
          .toFile(join(folder, `${name}.jpg`));
      }
      const photos = {
        data: folder,
        lpipsWeights,
        batch: 2,
        crop: 48,
        codes: 16,
        warmup: 1,
        steps: 2,
        network: tinyNetwork,
      } as const;
      await train(photoRecipe(photos), { backend, out: join(folder, 'photo') });
    });
    afterAll(async () => {
      backend.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    it('learns what LPIPS sees, goes on exactly from a checkpoint, and publishes a network that opens', async () => {
      const from = join(folder, 'photo/photo.safetensors');
      const out = join(folder, 'perceptual');
      const recipe = (steps: number) =>
        perceptualRecipe({ data: folder, lpipsWeights, from, batch: 2, crop: 48, steps, rate: 3e-2, network });
      const made = await recipe(40);
      const { whole, resumed } = await trainAndResume(() => made, { backend, out });
      const values = async (tree: unknown) => Promise.all(tensorsOf(tree).map(async (x) => [...(await x.data())]));
      expect(await values(resumed.state)).toEqual(await values(whole.state));
      const losses = (await readLog(join(out, 'log.jsonl'))).flatMap((event) =>
        'metrics' in event ? [event.metrics.restored!] : [],
      );
      expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
      const { tree, metadata } = await loadTree(
        backend,
        new Uint8Array(await readFile(join(out, 'perceptual.safetensors'))),
      );
      const x = tensor(
        backend,
        new Float32Array(2 * 32 * 32 * 3).map((_, i) => Math.sin(i)),
        [2, 32, 32, 3],
      );
      const found = perceptualNetwork(JSON.parse(metadata.network!)).distance(tree as never, x, x);
      expect([...(await found.data())]).toEqual([0, 0]);
    });

    it('has targets whose distances are LPIPS, and no errors where it meets them', async () => {
      const params = await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' });
      const draw = (shift: number) =>
        tensor(
          backend,
          new Float32Array(3 * 64 * 48 * 3).map((_, i) => Math.sin(i * (0.1 + shift))),
          [3, 64, 48, 3],
        );
      const [a, b] = [draw(0), draw(0.01)];
      const [ofA, ofB] = await Promise.all(
        [a, b].map((x) => Promise.all(lpipsPlaces(params, x).map(async (tap) => [...(await tap.data())]))),
      );
      const expected = await lpips({ backbone: 'squeeze' })(params, a, b).data();
      const channels = [64, 128, 256, 1792];
      const distance = (image: number): number =>
        ofA!.reduce((total, tap, i) => {
          const size = tap.length / 3;
          const squares = tap
            .slice(image * size, (image + 1) * size)
            .map((v, k) => (v - ofB![i]![image * size + k]!) ** 2);
          return total + (squares.reduce((s, v) => s + v, 0) / size) * channels[i]!;
        }, 0);
      for (const image of [0, 1, 2]) expect(distance(image)).toBeCloseTo(expected[image]!, 4);
      const taps = lpipsPlaces(params, a);
      const { photos, restored, changed } = differenceErrors(taps, taps);
      for (const error of [photos, restored, changed]) expect(await error.item()).toBe(0);
    });
  },
);
