/** The usual numbers in one call. */
import { describe, expect, it } from 'vitest';
import type { LpipsMeter } from '../lpips/lpips-meter.ts';
import { psnr } from '../psnr/psnr.ts';
import { msSsim } from '../ssim/ms-ssim.ts';
import { ssim } from '../ssim/ssim.ts';
import { syntheticPair } from '../testing/data.ts';
import { compareImages } from './compare-images.ts';

const meter = (id: string): LpipsMeter => ({
  id,
  measure: async () => 0.25,
  map: () => Promise.reject(new Error('not asked for')),
  dispose: () => undefined,
});

describe('compareImages', () => {
  it('gives what the metrics give', async () => {
    const { a, b } = syntheticPair(170, 161);
    expect(await compareImages(a, b, { lpipsSqueeze: meter('lpips-squeeze') })).toEqual({
      psnr: psnr(a, b),
      ssim: ssim(a, b),
      msSsim: msSsim(a, b),
      lpipsSqueeze: 0.25,
    });
  });

  it('leaves out what an image is too small for', async () => {
    const { a, b } = syntheticPair(9, 30);
    const result = await compareImages(a, b, { lpipsSqueeze: meter('lpips-squeeze') });
    expect(result).toEqual({ psnr: psnr(a, b), ssim: undefined, msSsim: undefined, lpipsSqueeze: undefined });
  });

  it('refuses meters of other backbones, and stops when told', async () => {
    const { a, b } = syntheticPair(20, 20);
    await expect(compareImages(a, b, { lpipsSqueeze: meter('lpips-alex') })).rejects.toThrow(/got lpips-alex/);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(compareImages(a, b, { signal })).rejects.toThrow('enough');
  });
});
