/** PSNR's worked examples, and how bad input is answered; the golden cases are with SSIM. */
import type { AnyImage } from '@vqkit/images';
import { describe, expect, it } from 'vitest';
import type { InputError } from '../errors.ts';
import { msSsim } from '../ssim/ms-ssim.ts';
import { ssim } from '../ssim/ssim.ts';
import { syntheticPair } from '../testing/data.ts';
import { imageMse, psnr, psnrOfMse } from './psnr.ts';

const codeOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    return (error as InputError).code;
  }
  return 'nothing thrown';
};

describe('psnr', () => {
  it('gives the torchmetrics doctest', () => {
    const image = (data: number[]): AnyImage => ({ data: Float32Array.from(data), width: 2, height: 2 });
    expect(psnr(image([0, 1, 2, 3]), image([3, 2, 1, 0]), { dataRange: 3 })).toBeCloseTo(2.5527, 4);
  });

  it('is infinite for equal images, and alpha does not count', () => {
    const { a, b } = syntheticPair(12, 10);
    const withAlpha = ({ data, width, height }: AnyImage, alpha: number): AnyImage => ({
      width,
      height,
      data: Uint8ClampedArray.from({ length: (data.length / 3) * 4 }, (_, i) =>
        i % 4 === 3 ? alpha : data[Math.floor(i / 4) * 3 + (i % 4)]!,
      ),
    });
    expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
    expect(psnr(withAlpha(a, 0), withAlpha(b, 255))).toBe(psnr(a, b));
    expect(psnr(a, withAlpha(b, 7))).toBe(psnr(a, b));
    expect(psnrOfMse(imageMse(a, b), 255)).toBe(psnr(a, b));
  });
});

describe('pair metrics', () => {
  const { a, b } = syntheticPair(20, 24);
  const gray = { data: a.data.filter((_, i) => i % 3 === 0), width: 24, height: 20 };

  it.each([
    ['other sizes', 'SIZE_MISMATCH', () => psnr(a, syntheticPair(24, 20).b)],
    ['gray against colour', 'CHANNELS_MISMATCH', () => ssim(a, gray)],
    ['data that do not fit', 'IMAGE_INVALID', () => psnr(a, { ...b, width: 23 })],
    ['no pixels', 'IMAGE_INVALID', () => psnr({ data: new Uint8Array(0), width: 0, height: 0 }, b)],
    ['too small for the window', 'IMAGE_TOO_SMALL', () => ssim(a, b, { cropBorder: 5 })],
    ['too small for five scales', 'IMAGE_TOO_SMALL', () => msSsim(a, b)],
    ['a crop of everything', 'IMAGE_TOO_SMALL', () => psnr(a, b, { cropBorder: 10 })],
    ['floats without a range', 'VALUE_OUT_OF_RANGE', () => psnr({ ...a, data: Float32Array.from(a.data) }, b)],
    [
      'NaN',
      'NOT_FINITE',
      () => ssim(a, { ...b, data: Float32Array.from(b.data, (v, i) => (i === 7 ? Number.NaN : v)) }),
    ],
  ])('refuse %s', (_, code, fn) => {
    expect(codeOf(fn)).toBe(code);
  });

  it('take gray images', () => {
    expect(ssim(gray, gray)).toBeCloseTo(1, 12);
    expect(psnr(gray, { ...gray, data: gray.data.map((v) => v ^ 1) })).toBeCloseTo(48.13, 2);
  });

  it('takes no range from one image alone', () => {
    const size = { width: 2, height: 1 };
    const a = { ...size, data: Uint8Array.of(0, 255) };
    const wide = { ...size, data: Uint16Array.of(0, 65_535) };
    const floats = { ...size, data: Float32Array.of(0, 1) };
    const clamped = { ...size, data: Uint8ClampedArray.of(0, 255) };
    expect(codeOf(() => psnr(a, wide))).toBe('RANGE_MISMATCH');
    expect(codeOf(() => psnr(wide, a))).toBe('RANGE_MISMATCH');
    expect(codeOf(() => psnr(a, floats))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => psnr(floats, wide))).toBe('VALUE_OUT_OF_RANGE');
    expect(psnr(a, clamped)).toBe(Number.POSITIVE_INFINITY);
    expect(psnr(a, { ...size, data: Float32Array.of(0, 255) }, { dataRange: 255 })).toBe(Number.POSITIVE_INFINITY);
  });
});
