/**
 * PSNR, SSIM and MS-SSIM against the golden cases: values printed by BasicSR (equal to MATLAB's), scikit-image's tests
 * and torchmetrics' doctests, and values computed independently in float64 for the rest.
 */
import type { AnyImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import { psnr } from '../psnr/psnr.ts';
import { lacks, numpyRandn, readJson, syntheticPair, toNhwc, torchRand } from '../testing/data.ts';
import { basicsrPair, goldenImage, quarterAndBack, skimageReference } from '../testing/golden.ts';
import { msSsim, msSsimToDecibels } from './ms-ssim.ts';
import { ssim, ssimMap } from './ssim.ts';

const noGolden = lacks('metric-golden/golden.json');

describe('synthetic pairs', () => {
  it.each([
    [64, 64, 1560576, 1399375, 24.32021, 0.976617],
    [96, 80, 2932960, 2630028, 24.292588, 0.979476],
  ])('of %i×%i give their PSNR and SSIM', (height, width, sumA, sumB, expectedPsnr, expectedSsim) => {
    const { a, b } = syntheticPair(height, width);
    const total = ({ data }: AnyImage): number => Array.from(data).reduce((sum, value) => sum + value, 0);
    expect([total(a), total(b)]).toEqual([sumA, sumB]);
    expect(psnr(a, b)).toBeCloseTo(expectedPsnr, 6);
    expect(ssim(a, b)).toBeCloseTo(expectedSsim, 6);
  });
});

describe.skipIf(noGolden)("BasicSR's published values", () => {
  it.each(['baboon', 'comic'] as const)('of %s ×4 are met to six digits', async (name) => {
    const golden =
      readJson<Record<string, Record<string, Record<string, number> & { uncropped_local: Record<string, number> }>>>(
        'metric-golden/golden.json',
      ).basicsr_x4![name]!;
    const { reference, degraded } = await basicsrPair(name);
    const { degraded: theirs } = await basicsrPair(name, { precision: 'float32' });
    const rgb = { cropBorder: 4 };
    const luma = { cropBorder: 4, colorSpace: 'y' } as const;
    expect(psnr(reference, theirs, rgb)).toBeCloseTo(golden.psnr_rgb!, 6);
    expect(ssim(reference, theirs, rgb)).toBeCloseTo(golden.ssim_rgb!, 6);
    expect(psnr(reference, theirs, luma)).toBeCloseTo(golden.psnr_y!, 6);
    expect(ssim(reference, theirs, luma)).toBeCloseTo(golden.ssim_y!, 6);
    expect(psnr(reference, degraded)).toBeCloseTo(golden.uncropped_local.psnr!, 6);
    expect(ssim(reference, degraded)).toBeCloseTo(golden.uncropped_local.ssim!, 6);
    expect(msSsim(reference, degraded)).toBeCloseTo(golden.uncropped_local.msssim!, 6);
  });

  it('are met by the uniform windows too', async () => {
    const baboon = await basicsrPair('baboon');
    expect(ssim(baboon.reference, baboon.degraded, { variant: 'uniform11' })).toBeCloseTo(0.501071, 6);
    expect(ssim(baboon.reference, baboon.degraded, { variant: 'uniform7' })).toBeCloseTo(0.425414, 6);
    const comic = await basicsrPair('comic');
    expect(ssim(comic.reference, comic.degraded, { variant: 'uniform11' })).toBeCloseTo(0.696023, 6);
    expect(ssim(comic.reference, comic.degraded, { variant: 'uniform7' })).toBeCloseTo(0.609394, 6);
  });
});

describe.skipIf(noGolden)('scikit-image cases', () => {
  it('gives the values of its noise test: 13 digits of the uniform window', async () => {
    const camera = await goldenImage('skimage_camera');
    const noise = numpyRandn(5);
    const data = Uint8Array.from(camera.data, (value) => Math.trunc(Math.min(Math.max(value + 20 * noise(), 0), 255)));
    const noisy = { ...camera, data };
    expect(psnr(camera, noisy)).toBeCloseTo(22.409353, 6);
    expect(ssim(camera, noisy, { variant: 'uniform7' })).toBeCloseTo(0.3674518327910367, 13);
    expect(ssim(camera, noisy)).toBeCloseTo(0.357964, 6);
  });

  it.each(['astronaut', 'chelsea', 'camera'] as const)('gives PSNR, SSIM and MS-SSIM of %s ×4', async (name) => {
    const key = { astronaut: 'astronaut_128_384', chelsea: 'chelsea_0_296_0_448', camera: 'camera' }[name];
    const golden = readJson<Record<string, Record<string, Record<string, never>>>>('metric-golden/golden.json')
      .skimage_bicubic_x4![key] as unknown as {
      readonly psnr: number;
      readonly ssim: number;
      readonly msssim: number;
      readonly crop4_rgb?: readonly [number, number];
      readonly crop4_y?: readonly [number, number];
      readonly lr_sum?: number;
      readonly up_sum?: number;
    };
    const { reference, small, degraded } = quarterAndBack(await skimageReference(name));
    const total = ({ data }: AnyImage): number => Array.from(data).reduce((sum, value) => sum + value, 0);
    if (golden.lr_sum !== undefined) expect([total(small), total(degraded)]).toEqual([golden.lr_sum, golden.up_sum]);
    expect(psnr(reference, degraded)).toBeCloseTo(golden.psnr, 6);
    expect(ssim(reference, degraded)).toBeCloseTo(golden.ssim, 6);
    expect(msSsim(reference, degraded)).toBeCloseTo(golden.msssim, 6);
    for (const [values, colorSpace] of [
      [golden.crop4_rgb, 'rgb'],
      [golden.crop4_y, 'y'],
    ] as const) {
      if (values === undefined) continue;
      expect(psnr(reference, degraded, { colorSpace, cropBorder: 4 })).toBeCloseTo(values[0], 6);
      expect(ssim(reference, degraded, { colorSpace, cropBorder: 4 })).toBeCloseTo(values[1], 6);
    }
  });
});

describe('torchmetrics doctests', () => {
  it('of SSIM and MS-SSIM (seed 42, target = 0.75·prediction) are met in both conventions', () => {
    const rand = torchRand(42);
    const size = 256 * 256 * 3;
    const images = Array.from({ length: 3 }, () => toNhwc(rand(size), [1, 3, 256, 256]));
    const extremes = (pick: (...values: number[]) => number): number =>
      images.flatMap((data) => [...data]).reduce((a, b) => pick(a, b));
    // The default range of torchmetrics' SSIM: that of the values.
    const dataRange = extremes(Math.max) - extremes(Math.min);
    const scores = images.map((data) => {
      const a: AnyImage = { data, width: 256, height: 256 };
      const b: AnyImage = { data: data.map((value) => Math.fround(0.75 * value)), width: 256, height: 256 };
      const variant = 'torchmetrics';
      return [
        ssim(a, b, { dataRange, variant }),
        msSsim(a, b, { dataRange: 1, variant }),
        msSsim(a, b, { dataRange: 1 }),
      ] as const;
    });
    const mean = (i: 0 | 1 | 2): number => scores.reduce((sum, score) => sum + score[i], 0) / scores.length;
    expect(Math.abs(mean(0) - 0.921892)).toBeLessThan(1e-6); // ours 0.9218925, where six digits turn over
    expect(mean(1)).toBeCloseTo(0.96283, 6);
    expect(mean(2)).toBeCloseTo(0.962741, 6);
  });
});

describe('structural similarity', () => {
  const { a, b } = syntheticPair(193, 171);

  it('is 1 for equal images and symmetric', () => {
    for (const variant of ['wang', 'uniform7', 'uniform11', 'torchmetrics'] as const) {
      expect(ssim(a, a, { variant })).toBeCloseTo(1, 12);
      expect(ssim(a, b, { variant })).toBeCloseTo(ssim(b, a, { variant }), 14);
    }
    expect(msSsim(a, a)).toBeCloseTo(1, 12);
    expect(msSsim(a, b)).toBeCloseTo(msSsim(b, a), 14);
  });

  it('does not depend on the scale of the values', () => {
    const unit = ({ data, width, height }: AnyImage): AnyImage => ({
      data: Float64Array.from(data, (v) => v / 255),
      width,
      height,
    });
    for (const colorSpace of ['rgb', 'y'] as const) {
      expect(ssim(unit(a), unit(b), { dataRange: 1, colorSpace })).toBeCloseTo(ssim(a, b, { colorSpace }), 12);
      expect(psnr(unit(a), unit(b), { dataRange: 1, colorSpace })).toBeCloseTo(psnr(a, b, { colorSpace }), 10);
    }
    expect(msSsim(unit(a), unit(b), { dataRange: 1 })).toBeCloseTo(msSsim(a, b), 12);
  });

  it('is the mean of its map', () => {
    for (const variant of ['wang', 'uniform7', 'torchmetrics'] as const) {
      const { data, width, height } = ssimMap(a, b, { variant });
      expect([width, height]).toEqual(
        variant === 'torchmetrics' ? [171, 193] : variant === 'wang' ? [161, 183] : [165, 187],
      );
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      expect(mean).toBeCloseTo(ssim(a, b, { variant }), 12);
    }
  });

  it('downsamples as ssim.m: 2×2 means for even sizes of a factor of 2', () => {
    const large = syntheticPair(512, 640);
    const halve = ({ data, width, height }: AnyImage): AnyImage => ({
      width: width / 2,
      height: height / 2,
      data: Float64Array.from({ length: data.length / 4 }, (_, i) => {
        const [k, x, y] = [i % 3, Math.floor(i / 3) % (width / 2), Math.floor(i / 3 / (width / 2))];
        const at = (dy: number, dx: number): number => data[((2 * y + dy) * width + 2 * x + dx) * 3 + k]!;
        return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
      }),
    });
    const expected = ssim(halve(large.a), halve(large.b), { dataRange: 255 });
    expect(ssim(large.a, large.b, { isDownsampled: true })).toBeCloseTo(expected, 12);
  });

  it('converts multi-scale similarity to decibels', () => {
    expect(msSsimToDecibels(0.99)).toBeCloseTo(20, 10);
  });
});
