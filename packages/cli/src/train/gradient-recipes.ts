/** The recipes that are trained by gradient descent, from the options of the command line. */
import { join } from 'node:path';
import type { Backend } from '@vqkit/core';
import { photoRatesRecipe, photoRecipe, photoTextureRecipe, type TrainOptions, train } from '@vqkit/training';
import { CliError } from '../errors.ts';
import { writeOutput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import type { TrainArguments } from './arguments.ts';
import { trainingBar } from './training-bar.ts';
import { drawTrainingCurve } from './training-curve.ts';

/** Their names. */
export type GradientRecipe = 'photo' | 'photo-rates' | 'photo-texture';

function needed(value: string | undefined, option: string, why: string): string {
  if (value !== undefined) return value;
  throw new CliError({ code: 'USAGE', message: `expected ${option} <file>: ${why}`, fix: `Add ${option}` });
}

/** Runs a recipe on a backend until it is done, the time is up, or Ctrl-C; each leaves a checkpoint and the weights so far. */
export async function runGradientRecipe(name: GradientRecipe, args: TrainArguments, backend: Backend): Promise<void> {
  const lpipsWeights = needed(args.lpipsWeights, '--lpips-weights', 'the recipe trains on LPIPS (SqueezeNet)');
  const { data, steps, batch, crop, rate, codes, out, minutes, seed, resume } = args;
  const bar = trainingBar();
  const run = (signal: AbortSignal): Promise<{ step: number; reason: string }> => {
    const options: TrainOptions = { backend, out, steps, minutes, seed, resume, signal, onProgress: bar.update };
    const common = { data, lpipsWeights, steps, batch, crop, rate };
    if (name === 'photo') return train(photoRecipe({ ...common, codes, from: args.from }), options);
    const from = needed(args.from, '--from', `the recipe ${name} starts from what the recipe before it published`);
    return name === 'photo-rates'
      ? train(photoRatesRecipe({ ...common, from }), options)
      : train(photoTextureRecipe({ ...common, from }), options);
  };
  try {
    const { step, reason } = await interruptible(run);
    await writeOutput(join(out, 'curve.png'), await drawTrainingCurve(join(out, 'log.jsonl')));
    process.stderr.write(`\n${reason} after ${step} steps; see ${out}\n`);
  } finally {
    bar.stop();
  }
}
