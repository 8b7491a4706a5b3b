/**
 * The fair rival below the rates that AVIF reaches by itself: the photo is reduced (Lanczos) by whatever factor gives it the bytes, coded at the
 * highest quality that fits, and enlarged again (Lanczos). Of all factors the one is taken whose MS-SSIM with the photo is highest; of
 * photos too small for MS-SSIM, whose PSNR is.
 */
import { type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import { compareImages } from '@vqkit/metrics';
import sharp from 'sharp';

/** An AVIF file of a reduced photo. */
export interface ReducedAvif {
  readonly bytes: number;
  /** By how much width and height were reduced. */
  readonly factor: number;
  /** sharp's, 1 to 100. */
  readonly quality: number;
  /** What it decodes to, of the photo's size. */
  readonly picture: Raster<Uint8Array>;
}

const factors = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8];

/** @returns Undefined where no AVIF file is as small. */
export async function fairAvif(photo: Raster<IntegerSamples>, maxBytes: number): Promise<ReducedAvif | undefined> {
  let best: (ReducedAvif & { readonly score: number }) | undefined;
  for (const factor of factors) {
    const made = await largestThatFits(photo, factor, maxBytes);
    if (!made) continue;
    const { msSsim, psnr } = await compareImages({ ...photo, data: to8Bit(photo) }, made.picture);
    const score = msSsim ?? psnr;
    if (!best || score > best.score) best = { ...made, score };
  }
  return best;
}

/** Bisection over quality: higher ones make larger files, or hardly smaller ones. */
async function largestThatFits(
  photo: Raster<IntegerSamples>,
  factor: number,
  maxBytes: number,
): Promise<ReducedAvif | undefined> {
  const { width, height, channels } = photo;
  const kernel = 'lanczos3';
  const small = await sharp(to8Bit(photo), { raw: { width, height, channels: channels as 3 | 4 } })
    .removeAlpha()
    .resize({ width: Math.ceil(width / factor), height: Math.ceil(height / factor), fit: 'fill', kernel })
    .png()
    .toBuffer();
  let [low, high] = [1, 100];
  let found: { readonly file: Buffer; readonly quality: number } | undefined;
  // The lowest first: most factors that do not fit have only that to show.
  for (let quality = low; low <= high; quality = (low + high) >> 1) {
    const file = await sharp(small).avif({ quality, effort: 6, chromaSubsampling: '4:2:0' }).toBuffer();
    if (file.length <= maxBytes) [found, low] = [{ file, quality }, quality + 1];
    else high = quality - 1;
  }
  if (!found) return undefined;
  const data = await sharp(found.file)
    .resize({ width, height, fit: 'fill', kernel })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  const picture = { data: new Uint8Array(data), width, height, channels: 3 };
  return { bytes: found.file.length, factor, quality: found.quality, picture };
}
