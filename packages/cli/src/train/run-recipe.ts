/** Runs a recipe of the table from the options of the command line. */
import { join } from 'node:path';
import { type RecipeEntry, type SkippedInput, train } from '@vqkit/training';
import { openBackend } from '../backends.ts';
import { writeOutput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import type { RunArguments } from './recipe-command.ts';
import { trainingBar } from './training-bar.ts';
import { drawTrainingCurve } from './training-curve.ts';

/** Trains until it is done, the time is up, or Ctrl-C; each leaves a checkpoint and the weights so far. */
export async function runRecipe(
  entry: RecipeEntry,
  options: Readonly<Record<string, unknown>>,
  { backend: name, threads, ...run }: RunArguments,
): Promise<void> {
  const recipe = await entry.make(options as never);
  const backend = await openBackend(name, threads);
  const bar = trainingBar();
  try {
    const { step, reason, skipped } = await interruptible((signal) =>
      train(recipe, { ...run, backend, signal, onProgress: bar.update, onSkip: tellSkipped }),
    );
    if (step > 0) await writeOutput(join(run.out, 'curve.png'), await drawTrainingCurve(join(run.out, 'log.jsonl')));
    process.stderr.write(`\n${reason} after ${step} steps; see ${run.out}\n`);
    tellCount(skipped);
  } finally {
    bar.stop();
    backend.dispose();
  }
}

/** Names an input that is left out. */
export function tellSkipped({ file, reason }: SkippedInput): void {
  process.stderr.write(`warning: left out '${file}': ${reason}\n`);
}

/** Says at the end how many there were. */
export function tellCount(skipped: readonly SkippedInput[]): void {
  if (skipped.length > 0)
    process.stderr.write(`warning: ${skipped.length} photos could not be read and were left out\n`);
}
