/** Trains rows of a table on photos, one after the other, each on from where it was stopped, and measures the files that come of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, disposeTree } from '@vqkit/core';
import { type Recipe, readLog, secondsOf, train } from '@vqkit/training';
import { describeMachine, type Machine } from '../../harness/machine.ts';
import type { SetPicture } from '../../sr/pictures.ts';
import { type FileScores, measureFiles } from './photo-files.ts';

/** One run. */
export interface PhotoRow {
  readonly id: string;
  readonly label: string;
  /** A name for several rows, which stand in one table. */
  readonly group: string;
}

/** How rows are run: all alike but for what the row says. */
export interface PhotoContext {
  readonly backend: Backend;
  readonly steps: number;
  readonly batch: number;
  readonly crop: number;
  readonly seed: number;
  /** Training photos. */
  readonly data: string;
  /** Names of those held out; without it a recipe may choose some. */
  readonly heldOut?: string | undefined;
  readonly lpipsWeights: string;
  /** Training photos that the entropy coder learns from. */
  readonly priorPhotos: number;
  /** Pictures to make files of. */
  readonly pictures: readonly SetPicture[];
  /** Where runs lie, a folder per row. */
  readonly runs: string;
  /** Minutes in all; what is left goes on by the same command. */
  readonly minutes?: number | undefined;
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
}

/** A row that is trained and measured. */
export interface PhotoResult {
  readonly row: string;
  readonly label: string;
  readonly group: string;
  readonly bitsPerPosition: number;
  /** Of the quantizer and both networks, as they are published. */
  readonly parameters: number;
  readonly steps: number;
  readonly batch: number;
  readonly crop: number;
  readonly seed: number;
  readonly trainingSeconds: number;
  /** On the photos held out, by the averaged weights of the last step. */
  readonly heldOut: Readonly<Record<string, number>>;
  readonly files: FileScores;
  readonly machine: Machine;
}

/** Rows by their names, a group or `all`. @throws Error for an unknown name. */
export function photoRowsOf<R extends PhotoRow>(names: readonly string[], rows: readonly R[]): R[] {
  const isNamed = (name: string, { id, group }: PhotoRow): boolean => name === 'all' || name === id || name === group;
  const unknown = names.find((name) => !rows.some((own) => isNamed(name, own)));
  if (unknown !== undefined) throw new Error(`there is no row or group '${unknown}'`);
  return rows.filter((own) => names.some((name) => isNamed(name, own)));
}

/** Makes the recipe of a row; it publishes a weights package. */
export type RecipeOf<R> = (row: R) => unknown;

/** Runs rows in order; `onResult` is told of each that is finished. */
export async function runPhotoRows<R extends PhotoRow>(
  rows: readonly R[],
  recipeOf: RecipeOf<R>,
  context: PhotoContext,
  onResult: (result: PhotoResult, row: R) => Promise<void>,
): Promise<void> {
  const { minutes = Number.POSITIVE_INFINITY, signal, log } = context;
  const end = performance.now() + 60_000 * minutes;
  for (const row of rows) {
    const left = (end - performance.now()) / 60_000;
    if (signal?.aborted || left <= 0) return;
    const recipe = (await recipeOf(row)) as Recipe<unknown, unknown, never>;
    const result = await runPhotoRow(row, recipe, { ...context, minutes: left });
    if (result) await onResult(result, row);
    else log(`${row.id}: stopped; the same command goes on from there`);
  }
}

async function runPhotoRow(
  row: PhotoRow,
  recipe: Recipe<unknown, unknown, never>,
  context: PhotoContext,
): Promise<PhotoResult | undefined> {
  const { backend, steps, batch, crop, seed, minutes, signal, log } = context;
  const out = join(context.runs, row.id);
  log(`${row.id}: ${row.label}, ${steps} steps`);
  const { state, reason } = await train(recipe, {
    ...{ backend, out, minutes, seed, signal, resume: true },
    onProgress: ({ step, metrics, secondsPerStep }) => {
      if (step % 100 !== 0 && step !== steps) return;
      const left = (((steps - step) * secondsPerStep) / 60).toFixed(0);
      log(`${row.id}: step ${step}/${steps}, loss ${metrics.loss?.toFixed(4)}, ${left} min left`);
    },
  });
  disposeTree(state);
  if (reason !== 'finished') return undefined;
  log(`${row.id}: measuring files of ${context.pictures.length} pictures`);
  const measured = await measureFiles(out, context).catch((error: unknown) => {
    if (signal?.aborted) return undefined;
    throw error;
  });
  if (measured === undefined) return undefined;
  const events = await readLog(join(out, 'log.jsonl'));
  return {
    row: row.id,
    ...{ label: row.label, group: row.group, steps, batch, crop, seed },
    bitsPerPosition: measured.bitsPerPosition,
    parameters: await parametersOf(join(out, 'weights.safetensors')),
    trainingSeconds: Math.round(secondsOf(events).at(-1)!),
    heldOut: events.findLast(({ validation }) => validation)!.validation!,
    files: measured.scores,
    machine: describeMachine(),
  };
}

/** Numbers in a file of weights, by its header. */
async function parametersOf(path: string): Promise<number> {
  const file = await readFile(path);
  const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString()) as Record<
    string,
    { readonly shape?: readonly number[] }
  >;
  return Object.values(header).reduce((sum, { shape }) => sum + (shape?.reduce((a, b) => a * b, 1) ?? 0), 0);
}
