/** Progress bars on standard error, where people look; nothing where nobody does. */
import { printable } from '@vqkit/codec/bitstream';
import cliProgress from 'cli-progress';

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
    format: `${title} {bar} {value}/{total} {label}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let isStarted = false;
  return {
    update: ({ done, total }, label = '') => {
      if (!isStarted) bar.start(total, done, { label: '' });
      isStarted = true;
      bar.setTotal(total);
      bar.update(done, { label: printable(label) });
    },
    stop: () => bar.stop(),
  };
}
