import { existsSync } from 'node:fs';
import { onnx } from '@vqkit/backend-onnx';
import { cpu } from '@vqkit/core';
import type { IntegerSamples, Raster } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { dataPath } from '../../../../tooling/shared-data.ts';
import { createJudge } from './judge.ts';

function picture(data: Raster<IntegerSamples>['data'], channels: 3 | 4): Raster<IntegerSamples> {
  return { data, width: 16, height: 12, channels };
}
const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const values = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 89) % 200);

describe('the judge', () => {
  it('sees no alpha', async () => {
    const judge = await createJudge();
    const rgb = values(16 * 12 * 3);
    const rgba = Array.from({ length: 16 * 12 }, (_, i) => [...rgb.slice(3 * i, 3 * i + 3), i]).flat();
    const scores = await judge.compare(picture(Uint8Array.from(rgb), 3), picture(Uint8Array.from(rgba), 4));
    expect(scores).toEqual({ psnr: Number.POSITIVE_INFINITY, ssim: 1, msSsim: null, lpipsSqueeze: null });
  });

  it('compares in 16 bits only when both pictures have them', async () => {
    const judge = await createJudge();
    const rgb = values(16 * 12 * 3);
    const wide = picture(
      Uint16Array.from(rgb, (value) => value * 257),
      3,
    );
    const near = picture(
      Uint16Array.from(rgb, (value) => value * 257 + 1),
      3,
    );
    expect((await judge.compare(wide, picture(Uint8Array.from(rgb), 3))).psnr).toBe(Number.POSITIVE_INFINITY);
    // One step of 65535 off everywhere: 20·log10(65535)
    expect((await judge.compare(wide, near)).psnr).toBeCloseTo(96.33, 2);
  });

  it.skipIf(!existsSync(lpipsWeights))('takes the weights of LPIPS in one file or in two', async () => {
    const backend = await onnx();
    const data = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 30));
    const [a, b] = [data, data.map((value) => value >> 1)].map(
      (samples): Raster<IntegerSamples> => ({ data: samples, width: 40, height: 40, channels: 3 }),
    ) as [Raster<IntegerSamples>, Raster<IntegerSamples>];
    const scores = [];
    for (const weights of [lpipsWeights, `${lpipsWeights},${lpipsWeights}`]) {
      const judge = await createJudge({ weights, backend });
      scores.push((await judge.compare(a, b)).lpipsSqueeze);
      judge.dispose();
    }
    expect(scores[0]).toBeGreaterThan(0);
    expect(scores[1]).toBe(scores[0]);
    backend.dispose();
  });

  it('says when LPIPS has no weights where they should be', async () => {
    const backend = cpu();
    await expect(createJudge({ weights: '/none', backend })).rejects.toMatchObject({ code: 'WEIGHTS_MISSING' });
    backend.dispose();
  });
});
