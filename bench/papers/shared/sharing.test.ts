import { CodeCounter } from '@vqkit/metrics';
import { describe, expect, it } from 'vitest';
import { sharingInWords, sharingOf, summaryOf } from './sharing.ts';

describe('sharing', () => {
  const counter = (...counts: readonly number[]): CodeCounter => {
    const own = new CodeCounter(counts.length);
    counts.forEach((n, code) => own.update(new Array<number>(n).fill(code)));
    return own;
  };

  it('counts the codes of each slot and the slots of each code', () => {
    const sharing = sharingOf([counter(9, 0, 0, 0), counter(2, 3, 0, 0), counter(1, 1, 1, 0)]);
    // Code 0 occurs in three slots, 1 in two, 2 in one, 3 in none.
    expect(sharing).toEqual({ usedBySlot: [1, 2, 3], codesBySlots: [1, 1, 1, 1] });
    expect(summaryOf(sharing)).toEqual({
      codes: 4,
      slots: 3,
      fullSlots: 0,
      leastUsage: 1 / 4,
      unused: 1,
      leastSlots: 0,
      mostSlots: 1, // three of four codes; only two of them in two slots
    });
    expect(sharingInWords(sharing)).toBe(
      '0 of 3 slots use more than 90 % of the 4 codes, the least of them 25.0 %; 1 of the codes are used by none, most by 1 or more',
    );
  });

  it('says what the figures of the paper say: 231 of 256 codes are more than 90 %, 230 are not', () => {
    const usedBySlot = [...Array(26).fill(231), ...Array(6).fill(230)];
    const codesBySlots = [...Array(16).fill(0), 100, 0, 0, 0, 150, ...Array(11).fill(0), 6];
    expect(codesBySlots).toHaveLength(33);
    expect(sharingInWords({ usedBySlot, codesBySlots }, 'piece')).toBe(
      'all but 6 of 32 pieces use more than 90 % of the 256 codes, the least of them 89.8 %; ' +
        'every code is used by at least 16 of the 32 pieces, most by 20 or more',
    );
  });

  it('says so when everything is used everywhere, and when most codes are used nowhere', () => {
    const full = sharingOf([counter(1, 1), counter(2, 2)]);
    const rare = sharingOf([counter(1, 0, 0), counter(2, 0, 0)]);
    expect(sharingInWords(rare)).toMatch(/the least of them 33.3 %; 2 of the codes are used by none$/);
    expect(sharingInWords(full)).toBe('each of the 2 slots uses each of the 2 codes');
  });
});
