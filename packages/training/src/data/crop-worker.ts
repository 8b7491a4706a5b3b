/**
 * The thread that makes batches of crops: decodes photos with sharp, keeps them in memory up to a budget, and answers
 * each request with one batch. What a batch holds depends on the seed, its number and which photos can be read, so a
 * resumed run sees exactly the batches that an uninterrupted one would have seen.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { type Random, random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { SkippedInput } from './batch-source.ts';
import { type CropOptions, randomCrop } from './crop.ts';
import { drawnCrop } from './drawn-crop.ts';
import { readPhoto, reasonOf } from './photos.ts';
import { type DegradationName, reduce } from './reduce.ts';

/** What the thread is started with. */
export interface CropWorkerData {
  readonly files: readonly string[];
  readonly batch: number;
  readonly seed: number;
  readonly crop: CropOptions;
  /** Share of the crops that are drawn, in [0, 1]. */
  readonly drawn: number;
  /** How crops are reduced to small images; undefined where none are wanted. */
  readonly degradation: DegradationName | undefined;
  /** Decoded photos to keep, in bytes. */
  readonly cacheBytes: number;
}

/** What it answers: a batch (undefined when no photo is left), and photos that were found unreadable since the last answer. */
export interface CropWorkerReply {
  readonly index: number;
  readonly pixels?: Float32Array;
  /** The small images, where they are wanted. */
  readonly small?: Float32Array;
  readonly skipped: readonly SkippedInput[];
}

const { files, batch, seed, crop, drawn, cacheBytes, degradation } = workerData as CropWorkerData;
const cache = new Map<string, Raster>();
const unreadable = new Set<string>();
let found: SkippedInput[] = [];
let cachedBytes = 0;

async function load(file: string): Promise<Raster | undefined> {
  const known = cache.get(file);
  if (known || unreadable.has(file)) return known;
  try {
    const image = await readPhoto(file, { atLeast: crop.size });
    if (cachedBytes + image.data.length <= cacheBytes) {
      cache.set(file, image);
      cachedBytes += image.data.length;
    }
    return image;
  } catch (error) {
    // Batches are made at the same time: another may have found it first.
    if (!unreadable.has(file)) found.push({ file, reason: reasonOf(error) });
    unreadable.add(file);
    return undefined;
  }
}

/** A random photo that can be read. */
async function pick(stream: Random): Promise<Raster | undefined> {
  while (unreadable.size < files.length) {
    const image = await load(files[stream.integer(files.length)]!);
    if (image) return image;
  }
  return undefined;
}

type Batch = Required<Pick<CropWorkerReply, 'pixels'>> & Pick<CropWorkerReply, 'small'>;

async function makeBatch(index: number): Promise<Batch | undefined> {
  const stream = random(seed).split(index);
  const crops: Float32Array[] = [];
  for (let i = 0; i < batch; i++) {
    if (drawn > 0 && stream.next() < drawn) {
      crops.push(drawnCrop(stream, crop.size));
      continue;
    }
    const image = await pick(stream);
    if (image === undefined) return undefined;
    crops.push(randomCrop(image, stream, crop));
  }
  if (degradation === undefined) return { pixels: joined(crops) };
  const small: Float32Array[] = [];
  for (const [i, pixels] of crops.entries()) small.push(await reduce(pixels, crop.size, degradation, stream.split(i)));
  return { pixels: joined(crops), small: joined(small) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.length * parts[0]!.length);
  parts.forEach((part, i) => all.set(part, i * part.length));
  return all;
}

parentPort!.on('message', async (index: number) => {
  const made = await makeBatch(index);
  const reply: CropWorkerReply = { index, ...made, skipped: found };
  found = [];
  const moved = [made?.pixels, made?.small].flatMap((values) => (values ? [values.buffer as ArrayBuffer] : []));
  parentPort!.postMessage(reply, moved);
});
