/** Rates in bits per pixel of the original image, as the codec and VQ papers count them. */
import { InputError } from '../errors.ts';

/** Width and height of the original image, without padding. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

function pixelsOf(metric: string, { width, height }: PixelSize): number {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return width * height;
  throw new InputError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${metric}: expected a positive whole width and height, got ${width}×${height}`,
    fix: 'Pass the size of the original image',
  });
}

/** 8·bytes / pixels. `bytes` counts the whole file, headers included. @throws InputError `VALUE_OUT_OF_RANGE` */
export function bitsPerPixel(bytes: number, size: PixelSize): number {
  return (8 * bytes) / pixelsOf('bitsPerPixel', size);
}

/**
 * Rate of codes written with a fixed length: tokens·⌈log2 K⌉ / pixels.
 *
 * @param tokens  Positions times codes per position.
 * @throws InputError `VALUE_OUT_OF_RANGE`
 */
export function fixedLengthBpp(tokens: number, codebookSize: number, size: PixelSize): number {
  return (tokens * Math.ceil(Math.log2(codebookSize))) / pixelsOf('fixedLengthBpp', size);
}

/** Rate of an ideal zero-order entropy coder: tokens·log2(perplexity) / pixels. @throws InputError `VALUE_OUT_OF_RANGE` */
export function entropyBpp(tokens: number, perplexity: number, size: PixelSize): number {
  return (tokens * Math.log2(perplexity)) / pixelsOf('entropyBpp', size);
}
