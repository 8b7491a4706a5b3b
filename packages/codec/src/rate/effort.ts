/** Effort: how long to look for indices that restore a picture better than those of the nearest codes. */
import type { IndexMap } from '@vqkit/tokenizer';
import { numberOption } from '../options.ts';
import { isFull, type Made } from './fill-up.ts';

/** Steps of `refine` for each effort. */
const steps = [0, 4, 12, 30] as const;

/** Refined indices are less regular: files grow by about so much. */
export const growth = 1.05;

/** Steps that an effort means. @throws CodecError `OPTIONS_INVALID` */
export function stepsOf(effort: number | undefined): number {
  return steps[numberOption('effort', effort, { min: 0, max: steps.length - 1 }) ?? 0]!;
}

/** What to refine under a limit. */
export interface RefineToFitOptions {
  /** Bytes of the whole file, at most. */
  readonly limit: number;
  /** The file without effort. */
  readonly plain: Made;
  /** Rates to refine, one after the other until a file is full. */
  readonly rates: readonly number[];
  /** Refined indices of a rate. @param part  Which of how many times this is, for progress. */
  refine(rate: number, part: readonly [number, number]): Promise<Made>;
  /** Makes a file that is too large fit, if it can. */
  thin(rate: number, made: Made): Promise<Made | undefined>;
  /** How unlike the image looks that a map restores. */
  judge(map: IndexMap): Promise<number>;
}

/**
 * Refines rates, and thins out what is too large then; of these and the file without effort the one that restores the picture best.
 * So effort never makes a picture worse in its own eyes.
 */
export async function refineToFit(options: RefineToFitOptions): Promise<Made> {
  const { limit, plain, rates, refine, thin, judge } = options;
  let [best, least] = [plain, await judge(plain.map)];
  for (const [i, rate] of rates.entries()) {
    const refined = await refine(rate, [i, rates.length]);
    const made = refined.bytes.length <= limit ? refined : await thin(rate, refined);
    if (!made) continue;
    const value = await judge(made.map);
    if (value < least) [best, least] = [made, value];
    if (isFull(made.bytes.length, limit)) break;
  }
  return best;
}
