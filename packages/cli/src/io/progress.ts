/** Progress bars on standard error, where people look; nothing where nobody does. */
import { printable } from '@vqkit/codec/bitstream';
import cliProgress from 'cli-progress';
import { timeLeft } from './numbers.ts';

/** A bar that starts with its first report. */
export interface Progress {
  /** Says how much is done; `label` tells what is going on now. */
  update(event: { readonly done: number; readonly total: number }, label?: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** Makes a bar. Without a terminal on standard error it stays silent. */
export function progressBar(title: string): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {state} {label}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let start: number | undefined;
  return {
    update: ({ done, total }, label = '') => {
      const now = performance.now();
      if (start === undefined) bar.start(total, done, { label: '', state: '' });
      start ??= now;
      bar.setTotal(total);
      bar.update(done, { label: printable(label), state: progressState({ done, total }, now - start) });
    },
    stop: () => bar.stop(),
  };
}

/** How much is done, a count or a share of 1, and how long the rest takes if it goes on as fast. */
export function progressState(
  { done, total }: { readonly done: number; readonly total: number },
  milliseconds: number,
): string {
  const amount = total === 1 ? `${Math.floor(100 * done)} %` : `${done}/${total}`;
  if (done <= 0 || done >= total) return amount;
  return `${amount}, ${timeLeft((milliseconds / 1000 / done) * (total - done))} left`;
}
