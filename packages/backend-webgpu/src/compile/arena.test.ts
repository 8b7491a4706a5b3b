import { random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { assignArena, type Life } from './arena.ts';

describe('assignArena', () => {
  it('gives a chain of values two buffers', () => {
    const lives = [0, 1, 2, 3, 4].map((i): Life => ({ bytes: 64, from: i, to: i + 1 }));
    const { sizes, slots } = assignArena(lives);
    expect(sizes).toEqual([64, 64]);
    expect(slots).toEqual([0, 1, 0, 1, 0]);
  });

  it('grows a free buffer rather than making another one', () => {
    const lives: Life[] = [
      { bytes: 16, from: 0, to: 0 },
      { bytes: 48, from: 1, to: 1 },
    ];
    expect(assignArena(lives)).toEqual({ sizes: [48], slots: [0, 0] });
  });

  it('never lets two values that live at the same time share a buffer', () => {
    const stream = random(7);
    const lives = Array.from({ length: 200 }, (): Life => {
      const from = stream.integer(50);
      return { bytes: 16 * (1 + stream.integer(20)), from, to: from + stream.integer(10) };
    });
    const { sizes, slots } = assignArena(lives);
    lives.forEach((a, i) => {
      expect(sizes[slots[i]!]).toBeGreaterThanOrEqual(a.bytes);
      lives.slice(0, i).forEach((b, j) => {
        const overlap = a.from <= b.to && b.from <= a.to;
        if (overlap) expect(slots[i]).not.toBe(slots[j]);
      });
    });
  });
});
