/** How far a batch is: a bar for people at a terminal, a line now and then for logs. */
import type { BatchProgress } from '@vqkit/batch';
import { progressBar } from '../io/progress.ts';
import { tell } from '../output.ts';

/** Time between lines of a log. */
const lineMs = 30_000;

/** Makes a bar. `report` may be called as often as one likes. */
export function batchBar(title: string): { report(progress: BatchProgress): void; stop(): void } {
  const bar = progressBar(title);
  let last = performance.now();
  return {
    report: (progress) => {
      const { done, failed, total } = progress;
      bar.update({ done: done + failed, total }, describe(progress));
      if (process.stderr.isTTY || performance.now() - last < lineMs) return;
      last = performance.now();
      tell(`${title} ${done + failed}/${total} ${describe(progress)}`);
    },
    stop: bar.stop,
  };
}

function describe({ failed, imagesPerSecond, secondsLeft }: BatchProgress): string {
  const left = secondsLeft === undefined ? '' : `, ${formatDuration(secondsLeft)} left`;
  return `${imagesPerSecond.toFixed(1)} images/s${left}${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** Seconds as people say them: 42 s, 12 min, 3 h 20 min, 4 d 7 h. */
export function formatDuration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of units) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, seconds >= 3600 ? 2 : 1).join(' ') || '0 s';
}
