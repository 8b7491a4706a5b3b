/** How close restored photos are, and means of that. */
import { type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { compareImages, type LpipsMeter } from '@vqkit/metrics';

/** Of one photo, or the mean of several. */
export interface Scores {
  /** With SqueezeNet. */
  readonly lpips: number;
  readonly msSsim: number;
  readonly psnr: number;
}

/** Compares a photo of 8 bits with what was restored of it. */
export async function scoresOf(picture: Raster, restored: Raster<IntegerSamples>, meter: LpipsMeter): Promise<Scores> {
  const image = { ...restored, data: to8Bit(restored) };
  const { lpipsSqueeze, msSsim, psnr } = await compareImages(picture, image, { lpipsSqueeze: meter });
  return { lpips: lpipsSqueeze!, msSsim: msSsim!, psnr };
}

/** Means of every field, each a number. */
export function meanOf<T extends object>(rows: readonly T[]): T {
  const fields = Object.keys(rows[0]!) as (keyof T)[];
  const means = fields.map((field) => [field, rows.reduce((sum, row) => sum + Number(row[field]), 0) / rows.length]);
  return Object.fromEntries(means) as T;
}
