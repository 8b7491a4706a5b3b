/** Trains one row and measures what came of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, disposeTree, entriesOf, isTensor, restoreTree, saveTree } from '@vqkit/core';
import { type VqVaeOptions, vqVae } from '@vqkit/models';
import {
  type AnyQuantizer,
  grayImageSet,
  readLog,
  type SmallAutoencoderOptions,
  type SmallAutoencoderRecipe,
  type SmallModel,
  secondsOf,
  smallAutoencoderRecipe,
  type TrainingEvent,
  train,
} from '@vqkit/training';
import { describeMachine } from '../../harness/machine.ts';
import { evaluatePaper } from './evaluate.ts';
import type { ImageSet } from './idx.ts';
import type { PaperOptions } from './options.ts';
import type { RowResult } from './results.ts';
import type { PaperRow } from './row.ts';

/**
 * Learning rates. Images of MNIST are nearly empty: at 4e-3 most units of the network die there within two epochs, and a
 * quick start at 1.5e-3 kills those before a single codebook. Other sets, CIFAR-10 among them, have the recipe's own rate.
 */
const rates: Readonly<Record<string, Pick<SmallAutoencoderOptions, 'peak' | 'warmup'>>> = {
  'fashion-mnist': { peak: 4e-3 },
  mnist: { peak: 1.5e-3, warmup: 2000 },
};

/** What the loop over rows needs besides the options. */
export interface RunContext {
  readonly images: ImageSet;
  readonly backend: Backend;
  /** Where checkpoints go, a folder per row. */
  readonly runs: string;
  /** The file of results. */
  readonly results: string;
  readonly network?: VqVaeOptions;
  readonly signal?: AbortSignal;
  readonly log: (line: string) => void;
}

/** A row whose training has ended. */
export interface TrainedRow {
  readonly quantizer: AnyQuantizer;
  readonly networkOptions: VqVaeOptions;
  /** Of the best epoch. */
  readonly model: SmallModel;
  readonly facts: Omit<RowResult, 'metrics'>;
}

/** The folder of a run: another length or another seed is another run. */
export function runName(what: readonly (string | number)[], seed: number): string {
  return [...what, 'seed', seed].join('-');
}

/** Trains a row as far as time allows; undefined when it was stopped before the end. */
export async function trainRow(
  row: PaperRow,
  options: PaperOptions,
  context: RunContext,
): Promise<TrainedRow | undefined> {
  const { images, backend, network, signal, log } = context;
  const { epochs, limit = images.train.length, seed, minutes, command, dataset } = options;
  const out = join(context.runs, runName([row.id, epochs], seed));
  const quantizer = row.quantizer();
  // A twelfth is held out: 5,000 of 60,000.
  const set = grayImageSet(images.train.slice(0, limit), Math.floor(limit / 12));
  const { channels } = set;
  const networkOptions = { channels, dimension: quantizer.dimension, ...network };
  const recipe = smallAutoencoderRecipe({
    name: `paper-${row.id}`,
    quantizer,
    network: { channels, ...vqVae(networkOptions) },
    images: set,
    epochs,
    ...rates[dataset],
    publish: async (best) => ({ 'model.safetensors': await saveTree(best) }),
  });
  const { steps } = recipe;
  log(`${row.id}: ${row.label}, ${quantizer.bitsPerPosition.toFixed(2)} bits per position, ${steps} steps`);
  const { state, reason, step } = await train(recipe, {
    backend,
    out,
    minutes,
    seed,
    resume: true,
    signal,
    onProgress: (event) => report(row, recipe, event, log),
  });
  const parameters = countOf(state.model.network);
  const codes = countOf(state.model.quantizer);
  if (reason !== 'finished') {
    log(`${row.id}: stopped at step ${step} of ${steps} (${reason}); the same command goes on from there`);
    disposeTree(state);
    return undefined;
  }
  const file = new Uint8Array(await readFile(join(out, 'model.safetensors')));
  const { tree: model } = await restoreTree<SmallModel>(backend, file, state.model);
  disposeTree(state);
  const events = await readLog(join(out, 'log.jsonl'));
  const facts = {
    row: row.id,
    label: row.label,
    dataset,
    epochs: steps / recipe.stepsPerEpoch,
    steps,
    trainImages: set.count,
    batch: recipe.batch,
    seed,
    backend: backend.name,
    trainingSeconds: Math.round(secondsOf(events).at(-1)!),
    networkParameters: parameters,
    quantizerParameters: codes,
    heldOutMse: Math.min(...events.flatMap(({ validation }) => validation?.mse ?? [])),
    command,
    machine: describeMachine(),
  };
  return { quantizer, networkOptions, model, facts };
}

/** Trains a row and measures its best epoch; undefined when it was stopped before the end. */
export async function runRow(
  row: PaperRow,
  options: PaperOptions,
  context: RunContext,
): Promise<RowResult | undefined> {
  const trained = await trainRow(row, options, context);
  if (trained === undefined) return undefined;
  const { backend, network, images, log } = context;
  log(`${row.id}: measuring ${images.test.length} test images`);
  const { quantizer, model, facts } = trained;
  const { lpipsWeights } = options;
  const metrics = await evaluatePaper(model, images.test, { backend, quantizer, network, lpipsWeights });
  disposeTree(model);
  return { ...facts, metrics };
}

function report(
  row: PaperRow,
  recipe: SmallAutoencoderRecipe,
  event: TrainingEvent,
  log: (line: string) => void,
): void {
  const { step, steps, secondsPerStep, metrics, validation } = event;
  if (validation) log(`${row.id}: held-out MSE ${validation.mse?.toFixed(6)}`);
  if (step % 100 !== 0 && step !== steps) return;
  const left = ((steps - step) * secondsPerStep) / 60;
  const epoch = (step / recipe.stepsPerEpoch).toFixed(2);
  log(
    `${row.id}: epoch ${epoch}, step ${step}/${steps}, loss ${metrics.loss?.toFixed(4)}, ${left.toFixed(0)} min left`,
  );
}

function countOf(tree: unknown): number {
  return entriesOf(tree).reduce((total, [, x]) => (isTensor(x) ? total + x.size : total), 0);
}
