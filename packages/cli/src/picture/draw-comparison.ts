/** A picture of a comparison: both images, where they differ in value, and where in structure. */
import { untilAborted } from '@vqkit/core';
import { type AnyImage, type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { drawDifferences } from '@vqkit/metrics';
import type { Scores } from '../eval/scores.ts';
import { type Panel, sideBySide } from './side-by-side.ts';

/**
 * Draws the reference, the distorted image, their error map (black where equal, white from 64 of 255 on) and, from
 * 11×11 pixels, their map of structural dissimilarity (black at 1, white at 0).
 *
 * @returns A PNG file.
 * @throws InputError `SIZE_MISMATCH`; the signal's reason when aborted.
 */
export async function drawComparison(
  reference: Raster<IntegerSamples>,
  distorted: Raster<IntegerSamples>,
  scores: Scores,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const image = (picture: Raster<IntegerSamples>): AnyImage => ({ ...picture, data: to8Bit(picture) });
  const [a, b] = [image(reference), image(distorted)];
  const { psnr, ssim } = scores;
  const { error, structure } = await drawDifferences(a, b, { signal });
  const panels: Panel[] = [
    { title: 'reference', facts: `${reference.width}×${reference.height}`, picture: reference },
    { title: 'distorted', facts: Number.isFinite(psnr) ? `PSNR ${psnr.toFixed(2)} dB` : 'equal', picture: distorted },
    { title: 'error', facts: 'black: none; white: 64 of 255 or more', picture: { ...error, channels: 3 } },
  ];
  if (ssim !== null && structure) {
    const picture = { ...structure, channels: 3 } as const;
    panels.push({ title: 'structure', facts: `SSIM ${ssim.toFixed(4)}; black: 1; white: 0 or less`, picture });
  }
  return untilAborted(sideBySide(panels), signal);
}
