/** The two halves of the benchmark: a contestant enlarges, in a process of its own; then its pictures are scored. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Raster } from '@vqkit/images';
import { type LpipsMeter, type NiqeModel, niqe, psnr, ssim } from '@vqkit/metrics';
import sharp from 'sharp';
import { type ContestantOptions, contestants } from './contestants.ts';
import { type Reduction, readLarge, type SetPicture, smallOf } from './pictures.ts';
import { idOf, readResults, type SrScores, writeResult } from './results.ts';

/** Where a contestant's enlarged picture lies. */
export const fileOf = (folder: string, picture: SetPicture): string => join(folder, picture.set, picture.name);

/** Pictures that are not there yet. */
export async function missingOf(folder: string, pictures: readonly SetPicture[]): Promise<SetPicture[]> {
  const results = await readResults(folder);
  return pictures.filter((picture) => results[idOf(picture)] === undefined);
}

/** Enlarges the pictures that are missing in `folder`, one by one, and notes how long it took. */
export async function enlargeMissing(
  name: string,
  folder: string,
  pictures: readonly SetPicture[],
  {
    log,
    reduction,
    ...options
  }: ContestantOptions & { readonly reduction?: Reduction; readonly log: (line: string) => void },
): Promise<void> {
  const missing = await missingOf(folder, pictures);
  if (missing.length === 0) return;
  const enlarger = await contestants[name]!(options);
  try {
    for (const picture of missing) {
      const small = await smallOf(picture, reduction);
      await enlarger.prepare(small.width, small.height);
      const start = performance.now();
      const { data, width, height } = await enlarger.enlarge(small);
      const milliseconds = performance.now() - start;
      await mkdir(join(folder, picture.set), { recursive: true });
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(fileOf(folder, picture));
      const peakMegabytes = process.resourceUsage().maxRSS / 1000;
      await writeResult(folder, idOf(picture), { megapixels: (width * height) / 1e6, milliseconds, peakMegabytes });
      log(`${name}: ${idOf(picture)}, ${(milliseconds / 1000).toFixed(2)} s`);
    }
  } finally {
    enlarger.dispose();
  }
}

/** What scores need. */
export interface SrJudge {
  readonly meter: LpipsMeter;
  readonly pristine: NiqeModel;
}

/** Scores the pictures in `folder` that have no scores yet. */
export async function scoreMissing(folder: string, pictures: readonly SetPicture[], judge: SrJudge): Promise<void> {
  for (const picture of pictures) {
    const result = (await readResults(folder))[idOf(picture)]!;
    if (result.scores !== undefined) continue;
    const made = await readLarge({ ...picture, path: fileOf(folder, picture) });
    await writeResult(folder, idOf(picture), { ...result, scores: await score(await readLarge(picture), made, judge) });
  }
}

/** The edge that super-resolution papers leave out at ×4. */
const cropBorder = 4;

async function score(original: Raster, made: Raster, { meter, pristine }: SrJudge): Promise<SrScores> {
  return {
    psnrY: psnr(original, made, { colorSpace: 'y', cropBorder }),
    ssim: ssim(original, made),
    lpips: await meter.measure(original, made),
    niqe: niqeOf(pristine, made),
  };
}

function niqeOf(pristine: NiqeModel, made: Raster): number | null {
  try {
    return niqe(pristine, made, { cropBorder });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'IMAGE_TOO_SMALL') return null;
    throw error;
  }
}
