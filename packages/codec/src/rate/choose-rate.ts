/** Choosing the rate: the largest codebook whose whole file fits. Files count as they are, header included. */
import { CodecError } from '../errors.ts';

/** What the caller allows. At most one of them; none means the best quality that the model has. */
export interface RateOptions {
  /** Bits per pixel of the original image, at most. */
  readonly targetBpp?: number;
  /** Bytes of the whole file, at most. */
  readonly maxBytes?: number;
  /** Codes of the codebook, exactly. */
  readonly codebookSize?: number;
}

/** A file made with one codebook. */
export interface Candidate {
  readonly codebookSize: number;
  readonly bytes: Uint8Array;
}

/** The byte limit that the options mean. @throws CodecError `OPTIONS_INVALID` */
export function byteLimit({ targetBpp, maxBytes, codebookSize }: RateOptions, pixels: number): number {
  const given = [targetBpp, maxBytes, codebookSize].filter((value) => value !== undefined);
  if (given.length > 1 || given.some((value) => !(value > 0))) {
    throw new CodecError({
      code: 'OPTIONS_INVALID',
      message: `expected at most one of targetBpp, maxBytes and codebookSize, above 0; got ${given.join(', ')}`,
      fix: 'Say how large the file may be in one way',
    });
  }
  if (targetBpp !== undefined) return Math.floor((targetBpp * pixels) / 8);
  return maxBytes ?? Number.POSITIVE_INFINITY;
}

/**
 * Makes files until the largest codebook that fits is found.
 *
 * @param sizes  Codebook sizes, ascending.
 * @param make  Makes the file for one size; larger codebooks make larger files, nearly always.
 * @throws CodecError `RATE_TOO_LOW` when even the smallest does not fit.
 */
export async function chooseRate(
  sizes: readonly number[],
  limit: number,
  make: (codebookSize: number) => Promise<Uint8Array>,
): Promise<Candidate> {
  let smallest = Number.POSITIVE_INFINITY;
  for (const codebookSize of [...sizes].reverse()) {
    const bytes = await make(codebookSize);
    if (bytes.length <= limit) return { codebookSize, bytes };
    smallest = Math.min(smallest, bytes.length);
  }
  throw new CodecError({
    code: 'RATE_TOO_LOW',
    message: `expected a file of at most ${limit} bytes, but this image needs at least ${smallest}`,
    fix: `Allow ${smallest} bytes, or shrink the image first`,
  });
}
