/** What is known of a contestant's pictures, kept as JSON beside them, so that a run goes on where it was interrupted. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchItem } from '../harness/report.ts';
import { median } from '../harness/statistics.ts';
import type { SetPicture } from './pictures.ts';

/** How good an enlarged picture is. */
export interface SrScores {
  /** dB, BT.601 luma, 4 pixels at each side left out. */
  readonly psnrY: number;
  readonly ssim: number;
  readonly lpips: number;
  /** Null where a picture is too small or too flat for it. */
  readonly niqe: number | null;
}

/** One picture of a contestant; scores come after it is enlarged. */
export interface PictureResult {
  readonly megapixels: number;
  readonly milliseconds: number;
  /** Most memory of the process so far. */
  readonly peakMegabytes: number;
  readonly scores?: SrScores;
}

/** By `set/name`. */
export type Results = Readonly<Record<string, PictureResult>>;

/** The name of a picture in results. */
export const idOf = ({ set, name }: SetPicture): string => `${set}/${name}`;

const fileIn = (folder: string): string => join(folder, 'results.json');

/** Results in a contestant's folder; none where there is no file. */
export async function readResults(folder: string): Promise<Results> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Results;
}

/** Adds one result; the file is replaced whole. */
export async function writeResult(folder: string, id: string, result: PictureResult): Promise<void> {
  const all = { ...(await readResults(folder)), [id]: result };
  await mkdir(folder, { recursive: true });
  await writeFile(`${fileIn(folder)}.part`, `${JSON.stringify(all, null, 2)}\n`);
  await rename(`${fileIn(folder)}.part`, fileIn(folder));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A row of the table: means over a set. */
export function rowOf(name: string, set: string, pictures: readonly SetPicture[], results: Results): BenchItem {
  const found = pictures.filter((picture) => picture.set === set).map((picture) => results[idOf(picture)]!);
  const scores = found.map((result) => result.scores!);
  const ofNiqe = scores.map(({ niqe }) => niqe).filter((value) => value !== null);
  return {
    name,
    set,
    pictures: found.length,
    psnrY: mean(scores.map(({ psnrY }) => psnrY)),
    ssim: mean(scores.map(({ ssim }) => ssim)),
    lpips: mean(scores.map(({ lpips }) => lpips)),
    niqe: ofNiqe.length > 0 ? mean(ofNiqe) : null,
    secondsPerMegapixel: median(found.map(({ milliseconds, megapixels }) => milliseconds / 1000 / megapixels)),
    peakMegabytes: Math.max(...found.map(({ peakMegabytes }) => peakMegabytes)),
  };
}
