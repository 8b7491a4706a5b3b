/**
 * The training loop for any recipe: compiled steps, a log of JSON lines, checkpoints, exact resume, stopping by signal,
 * and a stop when the loss is no longer a number.
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, compile, disposeTree, random, scalar, tensor } from '@vqkit/core';
import type { BatchSource } from '../data/photo-folder.ts';
import { TrainingError } from '../errors.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Recipe, StepInputs } from './recipe.ts';

/** One line of the log. */
export interface TrainingEvent {
  /** Steps done. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly secondsPerStep: number;
  readonly rate: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** How to run a recipe. */
export interface TrainOptions {
  readonly backend: Backend;
  /** Folder for `checkpoint.safetensors`, `log.jsonl` and the published files. */
  readonly out: string;
  /** Steps of the whole run, those before a resume included. */
  readonly steps: number;
  /** Stop after this time, leaving a checkpoint. */
  readonly minutes?: number;
  readonly seed?: number;
  /** Go on from the checkpoint in `out`. */
  readonly resume?: boolean;
  /** Minutes between checkpoints. Default 5. */
  readonly checkpointMinutes?: number;
  /** Steps between log lines. Default 20. */
  readonly logSteps?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainingEvent) => void;
}

/** How a run ended. */
export interface TrainResult<S> {
  readonly step: number;
  readonly reason: 'finished' | 'time' | 'aborted';
  readonly state: S;
}

/**
 * Trains until all steps are done, the time is up, or `signal` aborts; each of these leaves a checkpoint and the
 * published files.
 *
 * @throws TrainingError `DIVERGED` when the loss is not finite: the state before that step is kept as the checkpoint.
 */
export async function train<S, C>(recipe: Recipe<S, C>, options: TrainOptions): Promise<TrainResult<S>> {
  const {
    backend,
    out,
    steps,
    minutes = Number.POSITIVE_INFINITY,
    seed = 1,
    checkpointMinutes = 5,
    logSteps = 20,
    signal,
    onProgress,
  } = options;
  await mkdir(out, { recursive: true });
  const checkpointPath = join(out, 'checkpoint.safetensors');
  const fresh: S = await recipe.init(backend, seed);
  const resumed = options.resume ? await readCheckpoint(checkpointPath, backend, fresh) : undefined;
  let state: S = resumed?.state ?? fresh;
  let step = resumed?.info.step ?? 0;
  const source = await recipe.open(seed);
  const constants = await recipe.constants(backend);
  const run = compile((phase: string, current: S, inputs: StepInputs, fixed: C) =>
    recipe.step(phase, current, inputs, fixed),
  );
  const save = (): Promise<void> => writeCheckpoint(checkpointPath, state, { recipe: recipe.name, step, seed });
  const started = performance.now();
  let saved = started;
  let logged = { at: started, step };
  const minutesSince = (from: number): number => (performance.now() - from) / 60_000;

  try {
    while (step < steps && !signal?.aborted && minutesSince(started) < minutes) {
      if (recipe.before) {
        const ready: S = await recipe.before(step, state, source);
        if (ready !== state) disposeTree(state);
        state = ready;
      }
      const rate = recipe.schedule(step);
      const inputs = await inputsFor(backend, source, recipe, { step, rate, seed });
      const { state: next, metrics } = run(recipe.phase(step), state, inputs, constants);
      const values = await readMetrics(metrics);
      disposeTree([inputs, metrics]);
      if (!Number.isFinite(values.loss)) {
        disposeTree(next);
        throw diverged(step, values);
      }
      disposeTree(state);
      state = next;
      step++;
      if (step % logSteps === 0 || step === steps) {
        const now = performance.now();
        const event = {
          step,
          steps,
          secondsPerStep: (now - logged.at) / 1000 / (step - logged.step),
          rate,
          metrics: values,
        };
        logged = { at: now, step };
        await appendFile(join(out, 'log.jsonl'), `${JSON.stringify(event)}\n`);
        onProgress?.(event);
      }
      if (minutesSince(saved) >= checkpointMinutes) {
        await save();
        saved = performance.now();
      }
    }
  } finally {
    await save();
    run.dispose();
    disposeTree(constants);
    await source.dispose();
  }
  for (const [name, bytes] of Object.entries(await recipe.publish(state))) await writeFile(join(out, name), bytes);
  return { step, state, reason: signal?.aborted ? 'aborted' : step < steps ? 'time' : 'finished' };
}

async function inputsFor(
  backend: Backend,
  source: BatchSource,
  { batchShape }: { readonly batchShape: readonly number[] },
  { step, rate, seed }: { step: number; rate: number; seed: number },
): Promise<StepInputs> {
  const pixels = await source.batch(step);
  const key = random(seed).split(step).split(1).bits(2);
  return { batch: tensor(backend, pixels, batchShape), rate: scalar(backend, rate), key: tensor(backend, key) };
}

async function readMetrics(
  metrics: Readonly<Record<string, { item(): Promise<number> }>>,
): Promise<Record<string, number>> {
  const entries = await Promise.all(Object.entries(metrics).map(async ([name, x]) => [name, await x.item()] as const));
  return Object.fromEntries(entries);
}

function diverged(step: number, values: Readonly<Record<string, number>>): TrainingError {
  return new TrainingError({
    code: 'DIVERGED',
    message: `expected a finite loss at step ${step}, got ${JSON.stringify(values)}`,
    fix: 'The state before this step is in the checkpoint; resume with a lower learning rate',
  });
}
