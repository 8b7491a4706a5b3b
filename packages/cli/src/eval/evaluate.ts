/** Codes images at several rates, and with other codecs, and scores what comes back. Files count whole. */

import { type Codec, type EncodeOptions, inspect } from '@vqkit/codec';
import { untilAborted } from '@vqkit/core';
import type { IntegerSamples, Raster } from '@vqkit/images';
import { eachFile, type SkippedFile } from '../io/each-file.ts';
import { readInput } from '../io/files.ts';
import { readPicture } from '../io/images.ts';
import { type BaselineName, baselines } from './baselines.ts';
import type { Judge } from './judge.ts';
import { type Scores, scoreNames } from './scores.ts';

/** One way of saying how large files may be; empty for the largest codebook. */
export interface Rate {
  readonly targetBpp?: number;
  readonly codebookSize?: number;
}

/** One image, coded once. */
export interface ImageResult extends Scores {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly bpp: number;
  /** Of vqkit's files. */
  readonly codebookSize?: number;
  readonly encodeMilliseconds?: number;
  readonly decodeMilliseconds?: number;
}

/** Means over images; a score is null when no image has it. */
export type Mean = { readonly bpp: number } & { readonly [name in (typeof scoreNames)[number]]: number | null };

/** All images, coded one way. */
export interface Series {
  /** For tables and charts. */
  readonly label: string;
  readonly images: readonly ImageResult[];
  readonly mean: Mean;
}

/** What `evaluate` finds. */
export interface Evaluation {
  /** In the order of the rates that were asked for. */
  readonly rates: readonly (Series & Rate)[];
  readonly against: Readonly<Partial<Record<BaselineName, Series>>>;
  /** Files that could not be used. */
  readonly skipped: readonly SkippedFile[];
}

/** Of all rates the one with the largest files: what tables of images and a single mean are about. */
export function highestRate({ rates }: Evaluation): Series & Rate {
  return rates.reduce((a, b) => (b.mean.bpp > a.mean.bpp ? b : a));
}

/** What to evaluate, and with what. */
export interface EvaluateOptions {
  readonly files: readonly string[];
  readonly codec: Codec;
  readonly judge: Judge;
  readonly rates: readonly Rate[];
  /** As `encode` takes it. */
  readonly effort?: number;
  readonly against: readonly BaselineName[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: { readonly done: number; readonly total: number }, label: string) => void;
}

/** Codes and scores every file; those that fail are left out and named. @throws CliError `ALL_FAILED`; the failure of a single file; the signal's reason. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { files, codec, judge, rates, effort, against, signal, onProgress } = options;
  const ours: ImageResult[][] = rates.map(() => []);
  const theirs: ImageResult[][] = against.map(() => []);
  const prepared = new Set<string>();
  const total = files.length * (rates.length + against.length);
  let done = 0;
  const report = (label: string): void => {
    signal?.throwIfAborted();
    onProgress?.({ done: done++, total }, label);
  };
  const evaluateFile = async (file: string): Promise<void> => {
    const mine: ImageResult[] = [];
    const others: ImageResult[] = [];
    const original = await readPicture(await readInput(file, signal), file, { signal });
    const { width, height } = original;
    const score = async (restored: Raster<IntegerSamples>, bytes: number): Promise<ImageResult> => ({
      ...{ file, width, height, bytes, bpp: (8 * bytes) / (width * height) },
      ...(await judge.compare(original, restored, signal)),
    });
    // Compiling for a size is not part of coding an image, so it happens before the clock starts.
    if (!prepared.has(`${width}×${height}`)) await untilAborted(codec.warmup(width, height), signal);
    prepared.add(`${width}×${height}`);
    for (const rate of rates) {
      report(file);
      const { bytes, restored, ...facts } = await codeOnce(codec, original, { ...rate, effort, signal });
      mine.push({ ...(await score(restored, bytes)), ...facts });
    }
    for (const name of against) {
      report(`${file}, ${baselines[name].label}`);
      const { bytes, restored } = await untilAborted(baselines[name].code(original), signal);
      others.push(await score(restored, bytes.length));
    }
    // All of a file or nothing, so that means are over the same images.
    for (const [i, result] of mine.entries()) ours[i]!.push(result);
    for (const [i, result] of others.entries()) theirs[i]!.push(result);
  };
  let started = 0;
  const skipped = await eachFile(
    files,
    (file) => {
      done = started++ * (rates.length + against.length);
      return evaluateFile(file);
    },
    signal,
  );
  return {
    rates: rates.map((rate, i) => ({ ...rate, ...series('vqkit', ours[i]!) })),
    against: Object.fromEntries(against.map((name, i) => [name, series(baselines[name].label, theirs[i]!)])),
    skipped,
  };
}

/** One image through vqkit, with the times of both ways. */
async function codeOnce(
  codec: Codec,
  original: Raster<IntegerSamples>,
  options: EncodeOptions,
): Promise<
  Required<Pick<ImageResult, 'bytes' | 'codebookSize' | 'encodeMilliseconds' | 'decodeMilliseconds'>> & {
    restored: Raster<IntegerSamples>;
  }
> {
  const start = performance.now();
  const bytes = await codec.encode(original, options);
  const encoded = performance.now();
  const { image } = await codec.decode(bytes, { signal: options.signal });
  return {
    bytes: bytes.length,
    codebookSize: inspect(bytes).codebookSize,
    encodeMilliseconds: Math.round(encoded - start),
    decodeMilliseconds: Math.round(performance.now() - encoded),
    restored: image,
  };
}

function series(label: string, images: readonly ImageResult[]): Series {
  const mean = (name: 'bpp' | (typeof scoreNames)[number]): number | null => {
    const values = images.map((image) => image[name]).filter((value) => value !== null);
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  };
  const scores = Object.fromEntries(scoreNames.map((name) => [name, mean(name)]));
  return { label, images, mean: { bpp: mean('bpp')!, ...scores } as Mean };
}
