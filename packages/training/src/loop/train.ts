/**
 * The training loop for any recipe: compiled steps, a log of JSON lines, validation, checkpoints, exact resume, stopping
 * by signal, and a stop when the loss is no longer a number. However it ends, the data's threads end too, the state so
 * far is kept where that is possible, and the folder is free again.
 */
import { join } from 'node:path';
import { type Backend, type Compiled, compile, disposeTree, random, scalar, tensor, uploadTree } from '@vqkit/core';
import type { BatchSource, SkippedInput } from '../data/batch-source.ts';
import { TrainingError } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { appendToLog, type TrainingEvent, truncateLog } from './log.ts';
import { openRunFolder, type RunFolder, type RunFolderOptions } from './open-run.ts';
import type { Recipe, StepInputs, StepResult } from './recipe.ts';

/** How to run a recipe. */
export interface TrainOptions extends RunFolderOptions {
  readonly backend: Backend;
  /** Folder for `checkpoint.safetensors`, `log.jsonl` and the published files. */
  readonly out: string;
  /** Stop after this time, leaving a checkpoint. */
  readonly minutes?: number;
  readonly seed?: number;
  /** Minutes between checkpoints. Default 5. */
  readonly checkpointMinutes?: number;
  /** Steps between log lines. Default 20. */
  readonly logSteps?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainingEvent) => void;
  /** Told once per input that cannot be read and is left out. */
  readonly onSkip?: (input: SkippedInput) => void;
}

/** How a run ended. */
export interface TrainResult<S> {
  readonly step: number;
  readonly reason: 'finished' | 'time' | 'aborted';
  readonly state: S;
  /** Inputs that could not be read. */
  readonly skipped: readonly SkippedInput[];
}

/**
 * Trains until all steps are done, the time is up, or `signal` aborts; each of these leaves a checkpoint and the
 * published files.
 *
 * @throws TrainingError `DIVERGED` when the loss is not finite: the state before that step is kept as the checkpoint;
 *   `OUTPUT_UNWRITABLE` when a file cannot be written: the checkpoint before stays; as `openRunFolder`, `readCheckpoint`
 *   and the recipe's data.
 */
export async function train<S, C, B>(recipe: Recipe<S, C, B>, options: TrainOptions): Promise<TrainResult<S>> {
  const folder = await openRunFolder(options.out, options);
  try {
    const { backend, seed = 1, signal } = options;
    const run = new Run(recipe, options, folder, await start(recipe, folder, { backend, seed }));
    const source = await recipe.open(seed).catch((error: unknown) => {
      disposeTree(run.state);
      throw error;
    });
    try {
      await run.work(source);
    } catch (error) {
      disposeTree(run.state);
      throw error;
    } finally {
      recipe.validation?.dispose();
      await source.dispose();
    }
    const { state, step } = run;
    for (const [name, bytes] of Object.entries(await recipe.publish(state)))
      await writeWhole(join(options.out, name), bytes);
    const reason = step >= recipe.steps ? 'finished' : signal?.aborted ? 'aborted' : 'time';
    return { step, state, reason, skipped: source.skipped ?? [] };
  } finally {
    await folder.release();
  }
}

interface Place<S> {
  state: S;
  step: number;
  /** The step that the checkpoint on disc is of. */
  saved: number | undefined;
}

/** The state that a run starts with: the checkpoint's, or a fresh one. */
async function start<S, C, B>(
  recipe: Recipe<S, C, B>,
  { checkpoint, log }: RunFolder,
  { backend, seed }: { readonly backend: Backend; readonly seed: number },
): Promise<Place<S>> {
  const fresh = await recipe.init(backend, seed);
  try {
    const expected = { recipe: recipe.name, options: recipe.identity ?? {}, seed };
    const resumed = await readCheckpoint(checkpoint, backend, fresh, expected);
    await truncateLog(log, resumed?.step ?? 0);
    return resumed ? { ...resumed, saved: resumed.step } : { state: fresh, step: 0, saved: undefined };
  } catch (error) {
    disposeTree(fresh);
    throw error;
  }
}

const minutesSince = (from: number): number => (performance.now() - from) / 60_000;

/** A run between its start and its end. */
class Run<S, C, B> {
  readonly #recipe: Recipe<S, C, B>;
  readonly #options: TrainOptions;
  readonly #folder: RunFolder;
  readonly #place: Place<S>;

  constructor(recipe: Recipe<S, C, B>, options: TrainOptions, folder: RunFolder, place: Place<S>) {
    this.#recipe = recipe;
    this.#options = options;
    this.#folder = folder;
    this.#place = place;
  }

  get state(): S {
    return this.#place.state;
  }

  get step(): number {
    return this.#place.step;
  }

  /** Steps until an end is reached; then the state is saved, after a failure too. */
  async work(source: BatchSource<B>): Promise<void> {
    const recipe = this.#recipe;
    const constants = await recipe.constants(this.#options.backend);
    const compiled = compile((phase: string, current: S, inputs: StepInputs<B>, fixed: C) =>
      recipe.step(phase, current, inputs, fixed),
    );
    try {
      await this.#loop(source, compiled, constants);
    } catch (error) {
      // The first failure is the one to tell.
      await this.#save().catch(() => undefined);
      throw error;
    } finally {
      compiled.dispose();
      disposeTree(constants);
    }
    await this.#save();
  }

  async #loop(
    source: BatchSource<B>,
    compiled: Compiled<[string, S, StepInputs<B>, C], StepResult<S>>,
    constants: C,
  ): Promise<void> {
    const { steps, before, validation } = this.#recipe;
    const { minutes = Number.POSITIVE_INFINITY, checkpointMinutes = 5, logSteps = 20, signal } = this.#options;
    const place = this.#place;
    const started = performance.now();
    let savedAt = started;
    let logged = { at: started, step: place.step };
    let told = 0;
    while (place.step < steps && !signal?.aborted && minutesSince(started) < minutes) {
      if (before) this.#replace(await before.call(this.#recipe, place.step, place.state, source));
      const rate = this.#recipe.schedule(place.step);
      const metrics = await this.#step(source, compiled, constants, rate);
      place.step++;
      for (const input of source.skipped?.slice(told) ?? []) this.#options.onSkip?.(input);
      told = source.skipped?.length ?? 0;
      const isValidated = validation && (place.step % validation.every === 0 || place.step === steps);
      if (place.step % logSteps === 0 || place.step === steps || isValidated) {
        const secondsPerStep = (performance.now() - logged.at) / 1000 / (place.step - logged.step);
        const scores = isValidated ? await validation.measure(place.state, place.step, constants) : undefined;
        const event = { step: place.step, steps, secondsPerStep, rate, metrics, ...(scores && { validation: scores }) };
        logged = { at: performance.now(), step: place.step };
        await appendToLog(this.#folder.log, event);
        this.#options.onProgress?.(event);
      }
      if (minutesSince(savedAt) >= checkpointMinutes) {
        await this.#save();
        savedAt = performance.now();
      }
    }
  }

  /** One step; the state stays as it is when it fails. */
  async #step(
    source: BatchSource<B>,
    compiled: Compiled<[string, S, StepInputs<B>, C], StepResult<S>>,
    constants: C,
    rate: number,
  ): Promise<Record<string, number>> {
    const { backend, seed = 1 } = this.#options;
    const { step, state } = this.#place;
    const inputs = {
      batch: uploadTree(backend, await source.batch(step)) as B,
      rate: scalar(backend, rate),
      key: tensor(backend, random(seed).split(step).split(1).bits(2)),
    };
    const { state: next, metrics } = compiled(this.#recipe.phase(step), state, inputs, constants);
    const values = await readMetrics(metrics).finally(() => disposeTree([inputs, metrics]));
    if (!Number.isFinite(values.loss)) {
      disposeTree(next);
      throw diverged(step, values);
    }
    this.#replace(next);
    return values;
  }

  #replace(next: S): void {
    if (next !== this.#place.state) disposeTree(this.#place.state);
    this.#place.state = next;
  }

  async #save(): Promise<void> {
    const { state, step, saved } = this.#place;
    if (step === saved) return;
    const { name: recipe, identity: options = {} } = this.#recipe;
    await writeCheckpoint(this.#folder.checkpoint, state, { recipe, options, step, seed: this.#options.seed ?? 1 });
    this.#place.saved = step;
  }
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
