/** Trains the rows, one after the other, each on from where it was stopped; the scores are those of the photos held out. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, disposeTree } from '@vqkit/core';
import {
  type Recipe,
  readLog,
  type SrPredictorOptions,
  type SrTokenizerOptions,
  secondsOf,
  srPredictorRecipe,
  srRapRecipe,
  srTokenizerRecipe,
  train,
} from '@vqkit/training';
import { describeMachine, type Machine } from '../../harness/machine.ts';
import type { Stage, TvqRow } from './rows.ts';

/** Steps of each stage. */
export type StageSteps = Readonly<Record<'tokenizer' | 'predictor' | 'extra', number>>;

/** How rows are run. */
export interface TvqContext {
  readonly backend: Backend;
  readonly steps: StageSteps;
  readonly data: string;
  readonly heldOut: string;
  readonly lpipsWeights: string;
  readonly batch: number;
  readonly crop?: number;
  readonly seed: number;
  /** Minutes in all; what is left goes on by the same command. */
  readonly minutes?: number | undefined;
  /** Where runs lie, a folder per row. */
  readonly runs: string;
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
  /** Sizes of networks, for tests. */
  readonly network?: SrTokenizerOptions['network'];
  readonly predictor?: SrPredictorOptions['network'];
}

/** A row that is trained and measured. */
export interface TvqResult {
  readonly row: string;
  readonly label: string;
  readonly stage: Stage;
  readonly steps: number;
  /** Those of the rows that it starts from not counted. */
  readonly trainingSeconds: number;
  readonly seed: number;
  readonly batch: number;
  /** Of the last step's averaged weights, on the photos held out. */
  readonly scores: Readonly<Record<string, number>>;
  readonly machine: Machine;
}

const published: Readonly<Record<Stage, string>> = {
  'sr-tokenizer': 'sr-tokenizer.safetensors',
  'sr-predictor': 'sr-model.safetensors',
  'sr-rap': 'sr-model.safetensors',
};

/** Runs rows in order and returns those that are finished. */
export async function runTvqRows(rows: readonly TvqRow[], context: TvqContext): Promise<TvqResult[]> {
  const { minutes = Number.POSITIVE_INFINITY, runs, signal, log } = context;
  const end = performance.now() + 60_000 * minutes;
  const results: TvqResult[] = [];
  await mkdir(runs, { recursive: true });
  for (const row of rows) {
    const isReady = row.from === undefined || results.some((result) => result.row === row.from);
    const left = (end - performance.now()) / 60_000;
    if (signal?.aborted || left <= 0 || !isReady) continue;
    const result = await runTvqRow(row, rows, { ...context, minutes: left });
    if (result) results.push(result);
    else log(`${row.id}: stopped; the same command goes on from there`);
  }
  return results;
}

async function runTvqRow(row: TvqRow, rows: readonly TvqRow[], context: TvqContext): Promise<TvqResult | undefined> {
  const { backend, seed, batch, minutes, runs, signal, log } = context;
  const recipe = await recipeOf(row, rows, context);
  const out = join(runs, row.id);
  log(`${row.id}: ${row.label}, ${recipe.steps} steps`);
  const onProgress = ({ step, metrics, secondsPerStep }: Parameters<typeof report>[1]): void =>
    report(row, { step, metrics, secondsPerStep }, recipe.steps, log);
  const run = { backend, out, minutes, seed, signal, resume: true, onProgress };
  const { state, reason } = await train(recipe, run);
  disposeTree(state);
  if (reason !== 'finished') return undefined;
  const events = await readLog(join(out, 'log.jsonl'));
  return {
    row: row.id,
    label: row.label,
    stage: row.stage,
    steps: recipe.steps,
    trainingSeconds: Math.round(secondsOf(events).at(-1)!),
    seed,
    batch,
    scores: events.findLast(({ validation }) => validation)!.validation!,
    machine: describeMachine(),
  };
}

/** The recipe of a row. The decoder sees codes alone, as in the paper. */
async function recipeOf(
  row: TvqRow,
  rows: readonly TvqRow[],
  context: TvqContext,
): Promise<Recipe<unknown, unknown, never>> {
  const { steps, data, heldOut, lpipsWeights, batch, crop, runs } = context;
  const common = { data, heldOut, lpipsWeights, batch, crop, optimizer: 'muon' } as const;
  const last = (count: number) => ({ ...common, steps: count, validateSteps: count });
  const recipe = async () => {
    const before = rows.find(({ id }) => id === row.from);
    if (before === undefined) {
      const { tokenizer } = steps;
      const lengths = { ...last(tokenizer), warmup: Math.round(tokenizer / 20), delay: Math.round(tokenizer / 2) };
      return srTokenizerRecipe({ ...lengths, ...row.options, skip: 0, network: context.network });
    }
    const from = join(runs, before.id, published[before.stage]);
    if (row.stage === 'sr-rap') return srRapRecipe({ ...last(steps.extra), from });
    const isFirst = before.stage === 'sr-tokenizer';
    // As many more steps, at the rate of the other way to spend them.
    return isFirst
      ? srPredictorRecipe({ ...last(steps.predictor), from, network: context.predictor })
      : srPredictorRecipe({ ...last(steps.extra), from, rate: 1e-4 });
  };
  return (await recipe()) as unknown as Recipe<unknown, unknown, never>;
}

function report(
  { id }: TvqRow,
  {
    step,
    metrics,
    secondsPerStep,
  }: { step: number; metrics: Readonly<Record<string, number>>; secondsPerStep: number },
  steps: number,
  log: (line: string) => void,
): void {
  if (step % 100 !== 0 && step !== steps) return;
  const left = (((steps - step) * secondsPerStep) / 60).toFixed(0);
  log(`${id}: step ${step}/${steps}, loss ${metrics.loss?.toFixed(4)}, ${left} min left`);
}
