/** Trains the rows, one after the other, each on from where it was stopped, and measures the files that come of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, disposeTree } from '@vqkit/core';
import { type PhotoRecipeOptions, photoRecipe, readLog, secondsOf, train } from '@vqkit/training';
import { describeMachine, type Machine } from '../../harness/machine.ts';
import type { SetPicture } from '../../sr/pictures.ts';
import { type FileScores, measureFiles } from './files.ts';
import type { PlugRow } from './rows.ts';

/** Sizes of the networks: a quarter of the published weights' parameters, so that a row takes minutes. */
export const smallNetwork = {
  encoderChannels: [32, 48, 80],
  encoderBlocks: [1, 1, 2],
  decoderChannels: [96, 64, 32, 16, 16],
  decoderBlocks: [2, 1, 1],
} as const satisfies PhotoRecipeOptions['network'];

/** How rows are run: all alike but for the quantizer. */
export interface PlugContext {
  readonly backend: Backend;
  readonly steps: number;
  readonly batch: number;
  readonly crop: number;
  readonly seed: number;
  readonly network: PhotoRecipeOptions['network'];
  /** Training photos. */
  readonly data: string;
  readonly heldOut: string;
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
export interface PlugResult {
  readonly row: string;
  readonly label: string;
  readonly group: string;
  readonly bitsPerPosition: number;
  /** Of the quantizer and both networks. */
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

/** Runs rows in order; `onResult` is told of each that is finished. */
export async function runPlugRows(
  rows: readonly PlugRow[],
  context: PlugContext,
  onResult: (result: PlugResult) => Promise<void>,
): Promise<void> {
  const { minutes = Number.POSITIVE_INFINITY, signal, log } = context;
  const end = performance.now() + 60_000 * minutes;
  for (const row of rows) {
    const left = (end - performance.now()) / 60_000;
    if (signal?.aborted || left <= 0) return;
    const result = await runPlugRow(row, { ...context, minutes: left });
    if (result) await onResult(result);
    else log(`${row.id}: stopped; the same command goes on from there`);
  }
}

async function runPlugRow(row: PlugRow, context: PlugContext): Promise<PlugResult | undefined> {
  const { backend, steps, batch, crop, seed, network, data, heldOut, lpipsWeights, minutes, signal, log } = context;
  const recipe = photoRecipe({
    ...{ data, heldOut, lpipsWeights, steps, batch, crop, network, ...row.options },
    ...{ optimizer: 'muon', validateSteps: steps, warmup: Math.min(200, Math.floor(steps / 5)) },
  });
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
