/** A row of the table: an autoencoder, a generator of its maps, and what that draws. */
import { join } from 'node:path';
import { compile, disposeTree, type HostTree, readTree, saveTree, type Tensor } from '@vqkit/core';
import { fromTensor, type Raster, toBytes, toTensor, toUnitRange } from '@vqkit/images';
import { vqVae } from '@vqkit/models';
import type { TokenizerModel } from '@vqkit/tokenizer';
import { createGenerator, type Generator } from '@vqkit/tokenizer/generation';
import { openWeights } from '@vqkit/tokenizer/node';
import {
  completeOptions,
  generatorOptions,
  generatorRecipeOf,
  type LabelledSet,
  readLog,
  type SmallModel,
  secondsOf,
  train,
} from '@vqkit/training';
import type { PaperOptions } from '../shared/options.ts';
import type { PaperRow } from '../shared/row.ts';
import { type RunContext, runName, type TrainedRow, trainRow } from '../shared/run-row.ts';

/** How the maps of all rows are drawn. */
export interface DrawingPlan {
  readonly method: 'masked' | 'flow';
  /** Of the generator. */
  readonly steps: number;
  readonly sizes: GeneratorSizes;
}

/** Sizes of a generator, and how many images a step of its training sees. */
export interface GeneratorSizes {
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  readonly batch: number;
}

/** Those of the recipe `generator`. */
export const usualSizes: GeneratorSizes = { width: 192, blocks: 6, heads: 6, batch: 64 };

/** A row whose generator is trained. */
export interface DrawnRow {
  readonly trained: TrainedRow;
  readonly generator: Generator;
  readonly generatorSeconds: number;
  /** Images as the autoencoder restores them: the best that a generator of its maps can look like. */
  restore(images: readonly Raster[]): Promise<Raster[]>;
  dispose(): void;
}

/** As a text. */
export function sizesInWords({ width, blocks, heads, batch }: GeneratorSizes): string {
  return `width ${width}, ${blocks} blocks, ${heads} heads, ${batch} images a step`;
}

/** Trains both networks of a row as far as time allows; undefined when one was stopped before its end. */
export async function drawnRow(
  row: PaperRow,
  set: LabelledSet,
  plan: DrawingPlan,
  { options, context }: { readonly options: PaperOptions; readonly context: RunContext },
): Promise<DrawnRow | undefined> {
  const trained = await trainRow(row, options, context);
  if (trained === undefined) return undefined;
  const { backend, signal, log, runs } = context;
  const { minutes, seed, epochs } = options;
  const { method, steps, sizes } = plan;
  const tokenizer = await tokenizerOf(row, trained);
  const values = completeOptions('generator', generatorOptions, {
    ...sizes,
    data: '-',
    tokenizer: '-',
    method,
    steps,
    validateSteps: steps,
  });
  const parts = { images: set, tokenizer, identity: { row: row.id, epochs, method, ...sizes } };
  const out = join(runs, runName([row.id, epochs, method, steps, ...Object.values(sizes)], seed));
  log(`${row.id}: ${method} generator, ${sizesInWords(sizes)}, ${steps} steps`);
  const result = await train(generatorRecipeOf(values, parts), {
    backend,
    out,
    minutes,
    seed,
    resume: true,
    signal,
    logSteps: 100,
    onProgress: ({ step, metrics, validation }) =>
      log(
        `${row.id}: step ${step}/${steps}, loss ${metrics.loss!.toFixed(4)} ${validation ? JSON.stringify(validation) : ''}`,
      ),
  });
  disposeTree(result.state);
  if (result.reason !== 'finished') {
    log(
      `${row.id}: stopped at step ${result.step} of ${steps} (${result.reason}); the same command goes on from there`,
    );
    disposeTree(trained.model);
    return undefined;
  }
  const { quantizer, networkOptions, model } = trained;
  const generator = await createGenerator(await openWeights(out), {
    backend,
    quantizers: { [row.id]: () => quantizer },
  });
  const network = vqVae(networkOptions);
  const restored = compile((own: SmallModel, pixels: Tensor): Tensor => {
    const z = network.encode(own.network.encoder as never, toUnitRange(pixels));
    return toBytes(network.decode(own.network.decoder as never, quantizer.quantize(own.quantizer, z).quantized));
  });
  return {
    trained,
    generator,
    generatorSeconds: Math.round(secondsOf(await readLog(join(out, 'log.jsonl'))).at(-1)!),
    restore: async (images) => {
      const all: Raster[] = [];
      for (let start = 0; start < images.length; start += 250) {
        const x = toTensor(backend, images.slice(start, start + 250));
        const y = restored(model, x);
        all.push(...(await fromTensor(y)));
        disposeTree([x, y]);
      }
      return all;
    },
    dispose: () => {
      generator.dispose();
      restored.dispose();
      disposeTree(model);
    },
  };
}

/** The autoencoder as a tokenizer whose quantizer is known by the row's name. */
async function tokenizerOf(
  { id }: PaperRow,
  { quantizer, networkOptions, model }: TrainedRow,
): Promise<TokenizerModel> {
  const { tree } = await readTree(await saveTree(model));
  const host = tree as { network: { encoder: HostTree; decoder: HostTree }; quantizer: HostTree };
  const { codebookSizes, bitsPerPosition } = quantizer;
  return {
    manifest: { id: 'paper', architecture: 'vqvae', options: networkOptions, quantizer: { name: id, options: {} } },
    network: { channels: networkOptions.channels ?? 3, ...vqVae(networkOptions) },
    ...host.network,
    rates: [{ codebookSizes, bitsPerPosition, quantizer, params: host.quantizer }],
  };
}
