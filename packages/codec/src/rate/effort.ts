/** Effort: how long to look for indices that restore a picture better than those of the nearest codes. */
import { numberOption } from '../options.ts';

/** Steps of `refine` for each effort. */
const steps = [0, 4, 12, 30] as const;

/** Refined indices are less regular: files grow by up to so much, with hardly an exception. */
export const growth = 1.1;

/** Steps that an effort means. @throws CodecError `OPTIONS_INVALID` */
export function stepsOf(effort: number | undefined): number {
  return steps[numberOption('effort', effort, { min: 0, max: steps.length - 1 }) ?? 0]!;
}
