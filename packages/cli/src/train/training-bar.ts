/** The progress of a long run on standard error: steps, losses, speed, time left; a line a minute where there is no terminal. */
import type { TrainingEvent } from '@vqkit/training';
import cliProgress from 'cli-progress';
import { timeLeft } from '../io/numbers.ts';

/** A bar for training runs. */
export interface TrainingBar {
  update(event: TrainingEvent): void;
  stop(): void;
}

/** Makes the bar; it starts with its first event. */
export function trainingBar(): TrainingBar {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {losses}  {speed} s/step  {left} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
  });
  let isStarted = false;
  return {
    update: ({ step, steps, secondsPerStep, metrics, validation = {} }) => {
      const scores = Object.entries(validation).map(([name, value]) => [`held-out ${name}`, value] as const);
      const losses = [...Object.entries(metrics), ...scores]
        .map(([name, value]) => `${name} ${value.toFixed(4)}`)
        .join('  ');
      const left = timeLeft((steps - step) * secondsPerStep);
      const payload = { losses, speed: secondsPerStep.toFixed(2), left };
      if (!isStarted) bar.start(steps, step, payload);
      isStarted = true;
      bar.update(step, payload);
    },
    stop: () => bar.stop(),
  };
}
