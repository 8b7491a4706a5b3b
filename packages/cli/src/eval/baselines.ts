/** Other codecs at the smallest files they make, through sharp: what a vqkit file is compared with. */
import type { IntegerSamples, Raster } from '@vqkit/images';
import sharp, { type Sharp } from 'sharp';
import { readPicture, toSharp } from '../io/images.ts';

/** A codec at one setting. */
export interface Baseline {
  /** For tables and labels. */
  readonly label: string;
  /** @returns The whole file, and the picture that it decodes to, of the original's size. */
  code(picture: Raster<IntegerSamples>): Promise<{ bytes: Uint8Array; restored: Raster<IntegerSamples> }>;
}

/**
 * Each codec at its lowest quality, chroma at half resolution and its strongest search that is practical, without
 * metadata. `avif-half` codes the image at half its width and height and enlarges it again, Lanczos both times: below
 * the rates that AVIF itself reaches, this is what it can do.
 */
const encoders = {
  avif: (image: Sharp) => image.avif({ quality: 1, effort: 6, chromaSubsampling: '4:2:0' }),
  webp: (image: Sharp) => image.webp({ quality: 1, effort: 6 }),
  jpeg: (image: Sharp) => image.jpeg({ quality: 1, mozjpeg: true, chromaSubsampling: '4:2:0' }),
} as const;

/** The baselines by the names that `--against` takes. */
export const baselines: Readonly<Record<'avif' | 'webp' | 'jpeg' | 'avif-half', Baseline>> = {
  avif: plain('AVIF', encoders.avif),
  webp: plain('WebP', encoders.webp),
  jpeg: plain('JPEG', encoders.jpeg),
  'avif-half': { label: 'AVIF, half size', code: (picture) => codeSmaller(picture, 2) },
};

/** One of the names of `baselines`. */
export type BaselineName = keyof typeof baselines;

function plain(label: string, encode: (image: Sharp) => Sharp): Baseline {
  return {
    label,
    code: async (picture) => {
      const bytes = await encode(opaque(picture)).toBuffer();
      return { bytes, restored: await readPicture(bytes, label) };
    },
  };
}

async function codeSmaller(
  picture: Raster<IntegerSamples>,
  factor: number,
): Promise<{ bytes: Uint8Array; restored: Raster<IntegerSamples> }> {
  const { width, height } = picture;
  const kernel = 'lanczos3';
  const size = { width: Math.ceil(width / factor), height: Math.ceil(height / factor), fit: 'fill' } as const;
  const bytes = await encoders.avif(opaque(picture).resize({ ...size, kernel })).toBuffer();
  const enlarged = await sharp(bytes)
    .resize({ width, height, fit: 'fill', kernel })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return { bytes, restored: { data: enlarged, width, height, channels: 3 } };
}

/** JPEG has no alpha, so that none of them codes it: the comparison is about colours. */
function opaque(picture: Raster<IntegerSamples>): Sharp {
  return toSharp(picture).removeAlpha();
}
