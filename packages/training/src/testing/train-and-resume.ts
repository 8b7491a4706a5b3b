/** A run, and its last step once more from the checkpoint before it: a resumed run must do exactly what one does that never stopped. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '@vqkit/core';
import type { Recipe } from '../loop/recipe.ts';
import { type TrainResult, train } from '../loop/train.ts';

/** How both ended; the folder of the second is that of the first with `-again`. */
export interface ResumedRun<S> {
  readonly whole: TrainResult<S>;
  readonly resumed: TrainResult<S>;
}

/** Trains in `out`. Each step is compiled once for the run, and the last one once more. */
export async function trainAndResume<S, C, B>(
  recipe: () => Recipe<S, C, B>,
  { backend, out }: { readonly backend: Backend; readonly out: string },
): Promise<ResumedRun<S>> {
  const { steps } = recipe();
  const again = `${out}-again`;
  mkdirSync(again);
  const checkpoint = 'checkpoint.safetensors';
  // A step is told before it is saved: what is copied is the step before.
  const onProgress = ({ step }: { readonly step: number }): void => {
    if (step === steps) copyFileSync(join(out, checkpoint), join(again, checkpoint));
  };
  const whole = await train(recipe(), { backend, out, logSteps: 1, checkpointMinutes: 0, onProgress });
  const resumed = await train({ ...recipe(), validation: undefined }, { backend, out: again, resume: true });
  return { whole, resumed };
}
