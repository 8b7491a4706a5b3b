/** What all recipes on photos share: the schedule, LPIPS, which crops they see, and how the averaged weights are validated. */
import type { Backend } from '@vqkit/core';
import { type LpipsParams, loadLpips } from '@vqkit/metrics';
import type { PhotoFolderOptions } from '../../data/photo-folder.ts';
import type { DegradationName } from '../../data/reduce.ts';
import type { Recipe } from '../../loop/recipe.ts';
import type { OptionValues } from '../../table/options.ts';
import { runSchedule } from '../run-schedule.ts';
import { type HeldOutOptions, heldOut } from './held-out.ts';
import type { commonPhotoOptions } from './photo-options.ts';

/** Options that every one of these recipes has. */
export type PhotoRunOptions = OptionValues<typeof commonPhotoOptions> & {
  readonly batch: number;
  /** Peak learning rate. */
  readonly rate: number;
};

/** The shared parts of a run. */
export interface PhotoRun<P> {
  /** Rises over `warmup` steps, stays, and falls to a fiftieth in the last steps. */
  schedule(warmup: number): (step: number) => number;
  loadLpips(backend: Backend): Promise<LpipsParams>;
  /** The training photos, without those held out. */
  crops(seed: number): Promise<PhotoFolderOptions>;
  /** @param paramsOf  What restores the photos held out; undefined where there is nothing to measure yet. */
  validation<S, C, B>(
    paramsOf: (state: S, step: number, constants: C) => P | undefined,
  ): NonNullable<Recipe<S, C, B>['validation']> | undefined;
}

/**
 * @param restore  Codes and restores photos held out.
 * @param degradation  How the small images come about that `restore` gets beside them.
 */
export function photoRun<P>(
  options: PhotoRunOptions,
  restore: HeldOutOptions<P>['restore'],
  degradation?: DegradationName,
): PhotoRun<P> {
  const { data, lpipsWeights, heldOut: file, batch, crop, drawn, validateSteps } = options;
  const held = file === undefined ? undefined : heldOut<P>({ folder: data, file, lpipsWeights, restore, degradation });
  return {
    schedule: (warmup) => runSchedule(options, warmup),
    loadLpips: (backend) => loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }),
    crops: async (seed) => ({ folder: data, batch, seed, size: crop, drawn, without: (await held?.names()) ?? [] }),
    validation: (paramsOf) =>
      held && {
        every: validateSteps,
        measure: async (state, step, constants) => {
          const params = paramsOf(state, step, constants);
          return params && held.measure(params);
        },
        dispose: held.dispose,
      },
  };
}
