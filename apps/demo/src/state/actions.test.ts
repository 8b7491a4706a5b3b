/** Actions without a worker: what is shown of them. */
import { expect, it, vi } from 'vitest';
import { act, busy, failures, stop, type Work } from './actions.ts';

vi.mock('./engine.ts', () => ({
  connect: async () => ({ remote: {}, gone: new Promise(() => undefined) }),
  disconnect: () => undefined,
  messageOf: (error: Error) => error.message,
  StoppedError: Error,
}));

it('shows how far an action is, and nothing that is told once it is over', async () => {
  let late: Work['report'] | undefined;
  const ends = await act('enlarge', async ({ report }) => {
    late = report;
    report('Enlarging', 0.5);
    expect(busy.value).toEqual({ label: 'Enlarging', share: 0.5 });
  });
  expect(ends).toBe(true);
  expect(busy.value).toBeUndefined();
  late!('Enlarging', 1);
  expect(busy.value).toBeUndefined();
});

it('shows nothing of an action that is stopped or replaced, and what went wrong with one that fails', async () => {
  let first: Work['report'] | undefined;
  const waiting = (done: AbortSignal): Promise<void> =>
    new Promise((_, fail) => done.addEventListener('abort', () => fail(done.reason)));
  const replaced = act('enlarge', async ({ report, signal }) => {
    first = report;
    await waiting(signal);
  });
  await vi.waitFor(() => expect(first).toBeDefined());
  const next = act('draw', async ({ report }) => {
    report('Drawing');
    first!('Enlarging', 1);
    expect(busy.value?.label).toBe('Drawing');
    throw new Error('no weights');
  });
  expect([await replaced, await next]).toEqual([false, false]);
  expect(failures.value).toMatchObject({ enlarge: undefined, draw: 'no weights' });
  await stop();
  expect(busy.value).toBeUndefined();
});
