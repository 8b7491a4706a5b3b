/** Runs a recipe of the table from the options of the command line. */
import { join } from 'node:path';
import { type RecipeEntry, type SkippedInput, train } from '@vqkit/training';
import { openBackend } from '../backends.ts';
import { importWeights } from '../import-weights.ts';
import { nameOfInput, writeOutput } from '../io/files.ts';
import { aborted, interruptible } from '../io/interrupt.ts';
import { tell, warn } from '../output.ts';
import type { RunArguments } from './recipe-command.ts';
import { trainingBar } from './training-bar.ts';
import { drawTrainingCurve } from './training-curve.ts';

/**
 * Trains until it is done, the time is up, or Ctrl-C; each leaves a checkpoint and the weights so far, and the last two the
 * command that goes on.
 *
 * @throws CliError `ABORTED` after Ctrl-C.
 */
export async function runRecipe(
  entry: RecipeEntry,
  options: Readonly<Record<string, unknown>>,
  { backend: name, threads, resumeCommand, ...run }: RunArguments,
): Promise<void> {
  const recipe = await entry.make((await withWeights(entry, options)) as never);
  const backend = await openBackend(name, threads);
  const bar = trainingBar();
  try {
    await interruptible(async (signal) => {
      const events = { onProgress: bar.update, onSkip: tellSkipped };
      const { step, reason, skipped } = await train(recipe, { ...run, ...events, backend, signal });
      const log = join(run.out, 'log.jsonl');
      if (step > 0) await writeOutput(join(run.out, 'curve.png'), await drawTrainingCurve(log));
      tellCount(skipped);
      const place = `after ${step} of ${recipe.steps} steps`;
      if (reason === 'aborted')
        throw aborted(signal, `stopped ${place}, with a checkpoint in '${run.out}'`, `Go on with: ${resumeCommand}`);
      const next = reason === 'time' ? `; go on with: ${resumeCommand}` : '';
      tell('');
      tell(`${reason} ${place}; see ${run.out}${next}`);
    });
  } finally {
    bar.stop();
    backend.dispose();
  }
}

/** Options with the packages that they name, imported as every command imports them. @throws CliError `WEIGHTS_UNUSABLE` */
async function withWeights({ options: table }: RecipeEntry, options: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(options).map(async ([key, value]) => {
    const isName = table[key]?.type === 'weights' && typeof value === 'string';
    return [key, isName ? await importWeights(value) : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Names an input that is left out. */
export function tellSkipped({ file, reason }: SkippedInput): void {
  warn(`left out ${nameOfInput(file)}: ${reason}`);
}

/** Says at the end how many there were. */
export function tellCount(skipped: readonly SkippedInput[]): void {
  if (skipped.length > 0) warn(`${skipped.length} photos could not be read and were left out`);
}
