/** Effort: how long to look for indices that restore a picture better than those of the nearest codes. */
import type { Raster } from '@vqkit/images';
import type { Tokenizer } from '@vqkit/tokenizer';
import { numberOption } from '../options.ts';
import { isFull, type Made } from './fill-up.ts';

/** Steps of `refine` for each effort. */
const steps = [0, 4, 12, 30] as const;

/** Refined indices are less regular: files grow by about so much. */
const growth = 1.05;

/** Steps that an effort means. @throws CodecError `OPTIONS_INVALID` */
export function stepsOf(effort: number | undefined): number {
  return steps[numberOption('effort', effort, { min: 0, max: steps.length - 1 }) ?? 0]!;
}

/** What to refine under a limit. */
export interface RefineToFitOptions {
  readonly tokenizer: Tokenizer;
  readonly canvas: Raster;
  /** Bytes of the whole file, at most. */
  readonly limit: number;
  /** The file without effort. */
  readonly plain: Made;
  /** The nearest codes of the largest codebook whose file fits, and the place of its rate; the next one, where there is one, does not fit. */
  readonly nearest: Made;
  readonly rate: number;
  readonly hasNext: boolean;
  /** Refined indices of a rate. @param part  Which of how many times this is, for progress. */
  refine(rate: number, part: readonly [number, number]): Promise<Made>;
  /** Makes a file that is too large fit, if it can. */
  thin(made: Made): Promise<Made | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Refines the codebook that fits, and where that leaves room the next one, thinned out; of these and the file without effort the one
 * that restores the picture best by the loss of the tokenizer. So effort never makes a picture worse in its own eyes.
 */
export async function refineToFit(options: RefineToFitOptions): Promise<Made> {
  const { tokenizer, canvas, limit, plain, nearest, rate, hasNext, refine, thin, signal } = options;
  const found = [plain];
  const isRoomy = hasNext && nearest.bytes.length * growth <= limit;
  const levels = isRoomy ? [rate + 1] : hasNext ? [rate, rate + 1] : [rate];
  for (const [i, level] of levels.entries()) {
    const refined = await refine(level, [i, levels.length]);
    const made = refined.bytes.length <= limit ? refined : await thin(refined);
    if (made) found.push(made);
    if (made && isFull(made.bytes.length, limit)) break;
  }
  let [best, least] = [plain, Number.POSITIVE_INFINITY];
  for (const made of found) {
    const value = await tokenizer.unlikeness(canvas, made.map, { signal });
    if (value < least) [best, least] = [made, value];
  }
  return best;
}
