/** Accumulators: merging parts gives what one pass gives; worked examples of codebook statistics. */
import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { CodeCounter, usageOfCounts } from '../codes/code-counter.ts';
import { PooledPsnr } from '../psnr/pooled-psnr.ts';
import { psnr } from '../psnr/psnr.ts';
import { syntheticPair } from '../testing/data.ts';
import { MeanScore } from './accumulator.ts';

describe('MeanScore', () => {
  it('gives the moments of all scores, whatever the split', () => {
    const scores = [...random(3).uniformArray(101, 20, 40)];
    const whole = new MeanScore();
    const parts = [new MeanScore(), new MeanScore(), new MeanScore()];
    scores.forEach((score, i) => {
      whole.update(score);
      parts[i % 2]!.update(score);
    });
    const merged = new MeanScore();
    for (const part of parts) merged.merge(part);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    for (const result of [whole.compute(), merged.compute()]) {
      expect(result.count).toBe(101);
      expect(result.mean).toBeCloseTo(mean, 10);
      expect(result.deviation).toBeCloseTo(deviation, 10);
      expect([result.min, result.max]).toEqual([Math.min(...scores), Math.max(...scores)]);
    }
    expect(new MeanScore().compute().mean).toBeNaN();
  });

  it('has an infinite mean after an infinite score', () => {
    const scores = new MeanScore();
    for (const score of [30, Number.POSITIVE_INFINITY, 31]) scores.update(score);
    expect(scores.compute()).toMatchObject({
      count: 3,
      mean: Number.POSITIVE_INFINITY,
      deviation: Number.NaN,
      min: 30,
    });
  });
});

describe('PooledPsnr', () => {
  it('pools squared errors, so that bad images weigh more', () => {
    const pairs = [syntheticPair(16, 16), syntheticPair(32, 24)];
    const [whole, part] = [new PooledPsnr(), new PooledPsnr()];
    for (const { a, b } of pairs) whole.update(a, b);
    part.update(pairs[0]!.a, pairs[0]!.b);
    const rest = new PooledPsnr();
    rest.update(pairs[1]!.a, pairs[1]!.b);
    part.merge(rest);
    expect(part.compute()).toBeCloseTo(whole.compute(), 12);
    const single = new PooledPsnr();
    single.update(pairs[0]!.a, pairs[0]!.b);
    expect(single.compute()).toBeCloseTo(psnr(pairs[0]!.a, pairs[0]!.b), 12);
  });
});

describe('code usage', () => {
  it('gives the worked examples: uniform use, (1, 1, 2), a single code', () => {
    expect(usageOfCounts([5, 5, 5, 5]).perplexity).toBeCloseTo(4, 8);
    expect(usageOfCounts([1, 1, 2]).perplexity).toBeCloseTo(2.8284, 4);
    expect(usageOfCounts([0, 7, 0])).toMatchObject({ total: 7, used: 1, usage: 1 / 3, entropyBits: 0 });
    expect(usageOfCounts([0, 7, 0]).perplexity).toBeCloseTo(1, 8);
    expect(usageOfCounts([0, 0]).perplexity).toBeNaN();
  });

  it('counts over batches and merges', () => {
    const [a, b] = [new CodeCounter(4), new CodeCounter(4)];
    a.update(Uint32Array.of(0, 1, 1));
    b.update([3, 1]);
    a.merge(b);
    expect([...a.counts]).toEqual([1, 3, 0, 1]);
    expect(a.compute()).toMatchObject({ total: 5, used: 3, usage: 0.75 });
  });

  it('refuses indices outside the codebook and counts nothing of them', () => {
    const counter = new CodeCounter(2);
    expect(() => counter.update([0, 2])).toThrow(/\[0, 2\), got 2 at 1/);
    expect(counter.compute().total).toBe(0);
    expect(() => counter.merge(new CodeCounter(3))).toThrow(/of 2 codes, got one of 3/);
    expect(() => new CodeCounter(0)).toThrow(/size ≥ 1/);
  });
});
