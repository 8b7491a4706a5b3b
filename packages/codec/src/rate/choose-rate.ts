/** Choosing the rate: the highest whose whole file fits. Files count as they are, header and alpha included. */
import { CodecError } from '../errors.ts';
import { numberOption } from '../options.ts';
import type { Made } from './fill-up.ts';

/** What the caller allows. At most one of them; none means the best quality that the model has. */
export interface RateOptions {
  /** Bits per pixel of the original image, at most; nested codebooks meet it to within a hundredth. */
  readonly targetBpp?: number;
  /** Bytes of the whole file, at most; likewise. */
  readonly maxBytes?: number;
  /** Codes of the codebook, exactly; of a model with nested codebooks. */
  readonly codebookSize?: number;
}

/** The byte limit that the options mean. @throws CodecError `OPTIONS_INVALID` */
export function byteLimit(options: RateOptions, pixels: number): number {
  const targetBpp = numberOption('targetBpp', options.targetBpp, { min: Number.MIN_VALUE, max: 1e9, isWhole: false });
  const maxBytes = numberOption('maxBytes', options.maxBytes, { min: 1, max: Number.MAX_VALUE, isWhole: false });
  const codebookSize = numberOption('codebookSize', options.codebookSize, { min: 1, max: 2 ** 24 });
  const given = [targetBpp, maxBytes, codebookSize].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new CodecError({
      code: 'OPTIONS_INVALID',
      message: `expected at most one of targetBpp, maxBytes and codebookSize, got ${given.join(', ')}`,
      fix: 'Say how large the file may be in one way',
    });
  }
  if (targetBpp !== undefined) return Math.floor((targetBpp * pixels) / 8);
  return maxBytes ?? Number.POSITIVE_INFINITY;
}

/** A file, and the place of its rate. */
export interface Choice {
  readonly rate: number;
  readonly made: Made;
  /** Of the next rate, which does not fit; undefined for the highest. */
  readonly next?: Made;
}

/**
 * Finds the highest rate whose file fits, by bisection: lower rates make smaller files.
 *
 * @param count  How many rates there are, ascending.
 * @param make  Makes the file of one of them.
 * @throws what `tooLow` makes of the bytes that the lowest rate needs.
 */
export async function chooseRate(
  count: number,
  limit: number,
  make: (rate: number) => Promise<Made>,
  tooLow: (needed: number) => Error,
): Promise<Choice> {
  if (limit === Number.POSITIVE_INFINITY) return { rate: count - 1, made: await make(count - 1) };
  let [low, high] = [0, count - 1];
  let [best, larger]: [Choice?, Made?] = [];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const made = await make(middle);
    if (made.bytes.length <= limit) [best, low] = [{ rate: middle, made }, middle + 1];
    else [larger, high] = [made, middle - 1];
  }
  // The last that did not fit is the one above the best.
  if (best) return best.rate === count - 1 ? best : { ...best, next: larger! };
  throw tooLow(larger!.bytes.length);
}

/** What to say where even the lowest rate does not fit. @param alpha  Bytes of the alpha channel. */
export function rateTooLow(limit: number, needed: number, alpha: number): CodecError {
  const isAlpha = alpha > needed / 2;
  return new CodecError({
    code: 'RATE_TOO_LOW',
    message: `expected a file of at most ${limit} bytes, but this image needs at least ${needed}${isAlpha ? `, of which ${alpha} are its alpha channel` : ''}`,
    fix: isAlpha
      ? "Code alpha coarsely with alpha: 'lossy', or leave it out with alpha: 'drop'"
      : `Allow ${needed} bytes, or shrink the image first`,
  });
}
