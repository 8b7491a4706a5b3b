import { describe, expect, it } from 'vitest';
import { sampleEvaluation } from '../testing/sample-evaluation.ts';
import { formatEvaluation, formatScores, formatTable } from './table.ts';

describe('formatEvaluation', () => {
  it('lists images of the highest rate, then means of all rates and codecs', () => {
    expect(formatEvaluation(sampleEvaluation())).toEqual([
      'image  bytes     bpp  PSNR dB   SSIM  MS-SSIM  LPIPS  codes  encode ms  decode ms',
      'a.png   1966  0.0400    24.00  0.640    0.840      –   1024        200        400',
      'b.png   1966  0.0400    25.00  0.640    0.840      –   1024        200        400',
      '',
      'mean of 2                   bpp  PSNR dB   SSIM  MS-SSIM  LPIPS',
      'vqkit, at most 0.04 bpp  0.0400    24.50  0.640    0.840      –',
      'vqkit, at most 0.02 bpp  0.0200    22.50  0.620    0.820      –',
      'AVIF                     0.0690    27.40  0.669    0.869      –',
    ]);
  });
});

describe('formatTable', () => {
  it('aligns the first column to the left and numbers to the right', () => {
    expect(
      formatTable([
        ['a', '1'],
        ['long', '100'],
      ]),
    ).toEqual(['a       1', 'long  100']);
  });
});

describe('formatScores', () => {
  it('says what is equal and what was not measured', () => {
    const scores = { bpp: 0.04, psnr: Number.POSITIVE_INFINITY, ssim: 1, msSsim: null, lpipsSqueeze: 0.2 };
    expect(formatScores(scores)).toEqual(['0.0400', '∞', '1.000', '–', '0.200']);
  });
});
