import { expect, it } from 'vitest';
import { atOnce, inTurns, type Steps } from './waiting.ts';

/** Steps of about two milliseconds each. */
function* slow(count: number, done: number[] = []): Steps<string> {
  for (let i = 0; i < count; i++) {
    const end = performance.now() + 2;
    while (performance.now() < end);
    done.push(i);
    yield;
  }
  return 'done';
}

it('does work in steps at once or in turns, with the same result', async () => {
  expect(atOnce(slow(3))).toBe('done');
  expect(await inTurns(slow(3))).toBe('done');
});

it('lets others have their turn, and stops between two steps when told', async () => {
  const stop = new AbortController();
  const done: number[] = [];
  setTimeout(() => stop.abort(new Error('enough')), 1);
  await expect(inTurns(slow(10_000, done), stop.signal)).rejects.toThrow('enough');
  expect(done.length).toBeLessThan(10_000);
});
