import { random } from '@vqkit/core';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import { describe, expect, it } from 'vitest';
import { blurKernel, sincKernel } from './blur-kernels.ts';
import { degrade, fullDegradation, jpegImage, mildDegradation, randomKernel, sharpen } from './degrade.ts';
import { type FloatImage, filterImage, resizeImage, roundImage } from './float-image.ts';
import { addGaussianNoise, addPoissonNoise } from './noise.ts';

const flat = (value: number, width = 64, height = 64): FloatImage => ({
  data: new Float32Array(width * height * 3).fill(value),
  width,
  height,
});
const waves = (width: number, height: number): FloatImage => ({
  data: Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 60 * Math.sin(x / 5 + (i % 3)) + 50 * Math.cos(y / 7);
  }),
  width,
  height,
});
const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

describe('blur kernels', () => {
  it('are a Gaussian of the ellipse: variances along the axes, turned by the angle', () => {
    const { size, weights } = blurKernel(41, { sigma: [3, 1.5], angle: Math.PI / 6 });
    const moment = (fn: (x: number, y: number) => number): number =>
      weights.reduce((sum, w, i) => sum + w * fn((i % size) - 20, Math.floor(i / size) - 20), 0);
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    expect(sumOf(weights)).toBeCloseTo(1, 10);
    // Σ = R·diag(9, 2.25)·Rᵀ
    expect(moment((x) => x * x)).toBeCloseTo(9 * c * c + 2.25 * s * s, 2);
    expect(moment((_, y) => y * y)).toBeCloseTo(9 * s * s + 2.25 * c * c, 2);
    expect(moment((x, y) => x * y)).toBeCloseTo((9 - 2.25) * c * s, 2);
  });

  it('have the shapes of their definitions, relative to the centre', () => {
    const at = (kernel: { size: number; weights: Float64Array }, x: number): number =>
      kernel.weights[10 * 21 + 10 + x]! / kernel.weights[10 * 21 + 10]!;
    const sigma = [2, 2] as const;
    expect(at(blurKernel(21, { sigma, shape: 'generalised', beta: 1.5 }), 3)).toBeCloseTo(
      Math.exp(-0.5 * 2.25 ** 1.5),
      10,
    );
    expect(at(blurKernel(21, { sigma, shape: 'plateau', beta: 1.5 }), 3)).toBeCloseTo(1 / (1 + 2.25 ** 1.5), 10);
    expect(blurKernel(21, { sigma, shape: 'generalised' })).toEqual(blurKernel(21, { sigma }));
    // J₁(3) = 0.33905895852594 (tables); ω = 1 at r = 3 against ω²/4π at the centre.
    expect(at(sincKernel(21, 1), 3)).toBeCloseTo(0.33905895852594 / (2 * Math.PI * 3) / (1 / (4 * Math.PI)), 10);
  });

  it('of sinc let slow waves through and stop fast ones', () => {
    const kernel = sincKernel(21, Math.PI / 3);
    const wave = (period: number): FloatImage => ({
      ...flat(0),
      data: Float32Array.from(
        { length: 64 * 64 * 3 },
        (_, i) => 128 + 100 * Math.cos((2 * Math.PI * (Math.floor(i / 3) % 64)) / period),
      ),
    });
    const swing = (image: FloatImage): number => {
      const row = Array.from({ length: 24 }, (_, x) => filterImage(image, kernel).data[(32 * 64 + 20 + x) * 3]!);
      return Math.max(...row) - Math.min(...row);
    };
    expect(swing(wave(16))).toBeGreaterThan(150);
    expect(swing(wave(3))).toBeLessThan(30);
  });

  it('are drawn within the ranges of a round', () => {
    const stream = random(1);
    for (let i = 0; i < 200; i++) {
      const { size, weights } = randomKernel(stream, mildDegradation.first);
      expect(size % 2 === 1 && size >= 7 && size <= 13).toBe(true);
      expect(sumOf(weights)).toBeCloseTo(1, 8);
    }
  });
});

describe('filterImage and resizeImage', () => {
  it('turn the kernel, mirror the border, and keep flat images', () => {
    const image: FloatImage = { data: Float32Array.from([1, 1, 1, 2, 2, 2, 4, 4, 4]), width: 3, height: 1 };
    // One pixel to the right: the result at x is the image at x − 1.
    const weights = Float64Array.from({ length: 9 }, (_, i) => Number(i === 5));
    expect([...filterImage(image, { size: 3, weights }).data].filter((_, i) => i % 3 === 0)).toEqual([2, 1, 2]);
    filterImage(flat(77), blurKernel(13, { sigma: [1, 2], angle: 1 })).data.forEach((v) =>
      expect(v).toBeCloseTo(77, 3),
    );
  });

  it('average areas and interpolate', () => {
    const image: FloatImage = {
      data: Float32Array.from([0, 30, 60, 90].flatMap((v) => [v, v, v])),
      width: 4,
      height: 1,
    };
    const first = (method: 'area' | 'bilinear', width: number): number[] =>
      [...resizeImage(image, { width, height: 1 }, method).data].filter((_, i) => i % 3 === 0);
    expect(first('area', 2)).toEqual([15, 75]);
    // Thirds: the middle one of 4/3 pixels lies over the second and the third, the first over the first and a third.
    first('area', 3).forEach((value, i) => expect(value).toBeCloseTo([7.5, 45, 82.5][i]!, 4));
    // Half-pixel centres at 0.5 and 2.5 of 4.
    expect(first('bilinear', 2)).toEqual([15, 75]);
  });
});

describe('noise', () => {
  const statistics = (image: FloatImage, value: number) => {
    const n = image.data.length;
    const mean = sumOf(image.data) / n;
    return { mean: mean - value, deviation: Math.sqrt(sumOf(image.data.map((v) => (v - mean) ** 2)) / n) };
  };

  it('of Gaussian kind has its deviation, the same in all channels where it is gray', () => {
    const noisy = addGaussianNoise(flat(128), random(1), { strength: 10, isGray: false });
    const { mean, deviation } = statistics(noisy, 128);
    // 12,288 values: three standard errors.
    expect(Math.abs(mean)).toBeLessThan(0.3);
    expect(Math.abs(deviation - 10)).toBeLessThan(0.2);
    const gray = addGaussianNoise(flat(128), random(1), { strength: 10, isGray: true }).data;
    for (let i = 0; i < gray.length; i += 3) expect([gray[i + 1], gray[i + 2]]).toEqual([gray[i], gray[i]]);
  });

  it.each([
    [200, 1],
    [20, 1],
    [200, 0.5],
  ])('of counting has the variance of a Poisson variable at level %i, times %f', (value, strength) => {
    // Two pixels with other levels, so that all 256 counts are needed: white counts as 256.
    const image = waves(64, 64);
    image.data.fill(value, 0, 3000);
    const noisy = addPoissonNoise(image, random(2), { strength, isGray: false }).data.subarray(0, 3000);
    const { mean, deviation } = statistics({ ...image, data: noisy }, value);
    const expected = ((Math.sqrt((value / 255) * 256) * 255) / 256) * strength;
    expect(Math.abs(mean)).toBeLessThan((3 * expected) / Math.sqrt(3000) + 0.1);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.06);
  });
});

describe('sharpen', () => {
  it('makes edges steeper and leaves even areas and slight differences alone', () => {
    const edge: FloatImage = {
      ...flat(0, 128, 8),
      data: Float32Array.from({ length: 128 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 128 < 64 ? 80 : 180)),
    };
    const row = [...sharpen(edge).data.subarray(128 * 3 * 4, 128 * 3 * 5)].filter((_, i) => i % 3 === 0);
    expect(row[63]!).toBeLessThan(65);
    expect(row[64]!).toBeGreaterThan(195);
    expect(row[2]!).toBeCloseTo(80, 3);
    const faint = { ...edge, data: edge.data.map((v) => (v < 100 ? 100 : 104)) };
    sharpen(faint).data.forEach((value, i) => expect(value).toBeCloseTo(faint.data[i]!, 3));
  });
});

describe('degrade', () => {
  const image = waves(64, 48);
  const to = { width: 16, height: 12 };

  it.each([
    ['mild', mildDegradation],
    ['full', fullDegradation],
  ] as const)('%s: gives a small image of whole values, the same for the same stream', async (_, recipe) => {
    const [a, b, c] = [
      await degrade(image, to, random(3), recipe),
      await degrade(image, to, random(3), recipe),
      await degrade(image, to, random(4), recipe),
    ];
    expect(a.data).toHaveLength(16 * 12 * 3);
    expect(a.data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255)).toBe(true);
    expect(a).toEqual(b);
    expect(a.data).not.toEqual(c.data);
  });

  it('harms more in full than in its mild form', async () => {
    const bytes = { ...image, data: Uint8Array.from(roundImage(image).data) };
    const ideal = resizeMatlabBicubic(bytes, to).data;
    const harm = async (recipe: typeof mildDegradation): Promise<number> => {
      let total = 0;
      for (let seed = 0; seed < 200; seed++) {
        const { data } = await degrade(image, to, random(seed), recipe);
        total += sumOf(data.map((v, i) => (v - ideal[i]!) ** 2));
      }
      return total;
    };
    expect(await harm(fullDegradation)).toBeGreaterThan(2 * (await harm(mildDegradation)));
  });

  it('compresses as JPEG does: little at quality 95, more at 30', async () => {
    const error = async (quality: number): Promise<number> =>
      sumOf((await jpegImage(image, quality)).data.map((v, i) => Math.abs(v - image.data[i]!))) / image.data.length;
    expect(await error(95)).toBeLessThan(4);
    expect(await error(30)).toBeGreaterThan(await error(95));
  });
});
