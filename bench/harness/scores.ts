/** How close restored photos are, and means of that. */
import type { Backend } from '@vqkit/core';
import { type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { compareImages, createLpipsMeter, type LpipsMeter } from '@vqkit/metrics';
import { dataPath } from '../../tooling/shared-data.ts';

/** Of one photo, or the mean of several. */
export interface Scores {
  /** With SqueezeNet. */
  readonly lpips: number;
  readonly msSsim: number;
  readonly psnr: number;
}

/** LPIPS with SqueezeNet. @param file  Its weights. */
export function openMeter(
  backend: Backend,
  file = dataPath('weights/lpips_squeeze_v0.1.safetensors'),
): Promise<LpipsMeter> {
  return createLpipsMeter(backend, file, { backbone: 'squeeze' });
}

/** Compares a photo of 8 bits with what was restored of it. */
export async function scoresOf(picture: Raster, restored: Raster<IntegerSamples>, meter: LpipsMeter): Promise<Scores> {
  const image = { ...restored, data: to8Bit(restored) };
  const { lpipsSqueeze, msSsim, psnr } = await compareImages(picture, image, { lpipsSqueeze: meter });
  return { lpips: lpipsSqueeze!, msSsim: msSsim!, psnr };
}

/** Means of every field, each a number, over the rows that have it. */
export function meanOf<T extends object>(rows: readonly T[]): T {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))] as (keyof T)[];
  const meanOfField = (field: keyof T): number => {
    const values = rows.filter((row) => field in row).map((row) => Number(row[field]));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return Object.fromEntries(fields.map((field) => [field, meanOfField(field)])) as T;
}
