import { expect, it } from 'vitest';
import { progressState } from './progress.ts';

it('says how much is done, and how long the rest takes at this speed', () => {
  expect(progressState({ done: 0, total: 1 }, 0)).toBe('0 %');
  expect(progressState({ done: 0.257, total: 1 }, 10_000)).toBe('25 %, 29 s left');
  expect(progressState({ done: 3, total: 12 }, 60_000)).toBe('3/12, 3 min left');
  expect(progressState({ done: 1, total: 1 }, 10_000)).toBe('100 %');
});
