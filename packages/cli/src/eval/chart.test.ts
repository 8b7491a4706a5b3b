import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sampleEvaluation } from '../testing/sample-evaluation.ts';
import { drawEvaluation } from './chart.ts';

describe('drawEvaluation', () => {
  it('draws one column for each score that was measured', async () => {
    const three = await sharp(await drawEvaluation(sampleEvaluation())).metadata();
    const { rates, ...rest } = sampleEvaluation();
    const withLpips = rates.map((rate) => ({ ...rate, mean: { ...rate.mean, lpipsSqueeze: 0.2 } }));
    const four = await sharp(await drawEvaluation({ rates: withLpips, ...rest })).metadata();
    expect(three.width).toBeGreaterThan(3 * 450); // 300 units at 1.5 pixels, and axes
    expect(four.width - three.width).toBeGreaterThan(450);
  });

  it('draws in the colours of the codecs', async () => {
    const { data } = await sharp(await drawEvaluation(sampleEvaluation()))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const count = (r: number, g: number, b: number): number => {
      let found = 0;
      for (let i = 0; i < data.length; i += 3) if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found++;
      return found;
    };
    expect(count(0xc8, 0x10, 0x2e)).toBeGreaterThan(100);
    expect(count(0x1f, 0x6f, 0xb4)).toBeGreaterThan(100);
  });
});
