import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../tooling/shared-data.ts';
import { runHere } from '../testing/run-here.ts';

const weights = dataPath('weights/lpips_squeeze_v0.1.safetensors');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-fid-'));
  for (const [set, period] of Object.entries({ a: 20, b: 90 })) {
    await mkdir(join(folder, set));
    for (let i = 0; i < 3; i++) {
      const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, k) => 128 + 100 * Math.sin(k / (period + 5 * i)));
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
        .png()
        .toFile(join(folder, set, `${i}.png`));
    }
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('vqkit fid', () => {
  it.skipIf(!existsSync(weights))('is nothing for equal sets, and something for others', async () => {
    const distance = async (a: string, b: string): Promise<{ frechet: number; images: number; features: string }> => {
      const args = ['fid', join(folder, a), join(folder, b), '--squeezenet-weights', weights, '--json'];
      const { status, stdout, stderr } = await runHere(args);
      expect([status, stderr]).toEqual([0, expect.stringMatching(/^warning: 3 images are few for 512 features/)]);
      return JSON.parse(stdout);
    };
    const [same, other] = [await distance('a', 'a'), await distance('a', 'b')];
    expect(same.frechet).toBeGreaterThanOrEqual(0);
    expect(same.frechet).toBeLessThan(1e-3); // square roots of nearly singular matrices in float64
    expect(other.frechet).toBeGreaterThan(1);
    expect(other).toMatchObject({ images: 3, features: 'squeezenet-512/pillow-224' });
  });

  it.skipIf(!existsSync(weights))('leaves broken files out and names them', async () => {
    await writeFile(join(folder, 'b', 'cut.png'), 'half');
    const args = ['fid', join(folder, 'a'), join(folder, 'b'), '--squeezenet-weights', weights, '--json'];
    const { status, stdout } = await runHere(args);
    await rm(join(folder, 'b', 'cut.png'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ images: 3, skipped: [{ code: 'IMAGE_UNREADABLE' }] });
  });

  it('asks for the weights of one network', async () => {
    const { status, stderr } = await runHere(['fid', join(folder, 'a'), join(folder, 'b')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error USAGE: .*--inception-weights and --squeezenet-weights/);
  });
});
