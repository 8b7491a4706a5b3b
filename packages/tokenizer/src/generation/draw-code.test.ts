import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { drawCode } from './draw-code.ts';

const logits = [Math.log(0.5), Math.log(0.3), Math.log(0.15), Math.log(0.05)];
const all = { temperature: 1, topK: Number.POSITIVE_INFINITY };

/** How often each code is drawn, of 20,000. */
function shares(options: typeof all): number[] {
  const stream = random(3);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 20_000; i++) counts[drawCode(logits, stream.uniformArray(4), options).code]!++;
  return counts.map((count) => count / 20_000);
}

describe('drawCode', () => {
  // Four standard errors of a share of 20,000 draws are at most 0.015.
  it('draws codes as often as they are likely', () => {
    for (const [k, share] of shares(all).entries()) expect(share).toBeCloseTo(Math.exp(logits[k]!), 1.5);
  });

  it('draws likely codes more often below a temperature of 1, and the likeliest alone at 0', () => {
    const squares = logits.map((logit) => Math.exp(2 * logit));
    const total = squares.reduce((a, b) => a + b);
    for (const [k, share] of shares({ ...all, temperature: 0.5 }).entries())
      expect(share).toBeCloseTo(squares[k]! / total, 1.5);
    expect(shares({ ...all, temperature: 0 })).toEqual([1, 0, 0, 0]);
  });

  it('draws among the likeliest where only so many may be', () => {
    const [a, b, ...others] = shares({ ...all, topK: 2 });
    expect(a).toBeCloseTo(0.5 / 0.8, 1.5);
    expect(b).toBeCloseTo(0.3 / 0.8, 1.5);
    expect(others).toEqual([0, 0]);
    expect(drawCode([1, 1, 1], [0, 0, 0], { temperature: 1, topK: 1 }).code).toBe(0);
  });

  it('says how likely a code is by the logits as they are', () => {
    const { code, logProbability } = drawCode(logits, [0.2, 0.1, 0.1, 0.1], { temperature: 0.5, topK: 2 });
    expect(logProbability).toBeCloseTo(logits[code]!, 12);
    expect(drawCode([1000, 0], [0, 0.99999], { temperature: 0, topK: 2 }).logProbability).toBeCloseTo(0, 12);
  });

  it('is finite for the least and the largest number there is', () => {
    expect(drawCode([0, 0], [0, 1 - 2 ** -24], all).code).toBe(1);
    expect(drawCode([0, 0], [1 - 2 ** -24, 0], all).code).toBe(0);
  });
});
