import { cpu } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { compareQuantizer } from './compare.ts';
import { featureDimension, syntheticFeatures } from './features.ts';
import { comparedQuantizers } from './rows.ts';

it('compares quantizers at equal bits', () => {
  // FSQ's 4375 codes are the nearest that its levels come to 4096.
  for (const { quantizer, name } of comparedQuantizers)
    expect(Math.abs(quantizer.bitsPerPosition - 12), name).toBeLessThan(0.1);
});

it('makes features of mean 0 and variance 1, the same every time', () => {
  const { train, test } = syntheticFeatures(500, 100);
  expect(train).toHaveLength(500 * featureDimension);
  expect(test).toHaveLength(100 * featureDimension);
  const average = train.reduce((a, b) => a + b, 0) / train.length;
  expect(average).toBeCloseTo(0, 5);
  expect(train.reduce((a, b) => a + b * b, 0) / train.length).toBeCloseTo(1, 4);
  expect(syntheticFeatures(500, 100).test).toEqual(test);
});

describe('a comparison', () => {
  it('trains and measures, and leaves no tensors behind', async () => {
    const backend = cpu();
    const row = comparedQuantizers.find(({ name }) => name.startsWith('residual'))!;
    const measure = async (steps: number): Promise<number> => {
      const options = { backend, steps, batch: 64, seed: 1 };
      const { comparison, encode, dispose } = await compareQuantizer(row, syntheticFeatures(2000, 200), options);
      await encode();
      dispose();
      expect(comparison.usage).toBeGreaterThan(0);
      expect(comparison.entropyBits).toBeLessThanOrEqual(12);
      return comparison.snrDb;
    };
    expect(await measure(40)).toBeGreaterThan((await measure(1)) + 1);
    expect(backend.memory().tensors).toBe(0);
  });
});
