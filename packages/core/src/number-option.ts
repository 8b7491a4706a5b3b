/** Numbers that callers pass, checked in one way by all packages: each throws an error of its own class. */
import type { ErrorDetails } from './errors.ts';

/** The range of a number. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** Whether fractions are refused. Default true. */
  readonly isWhole?: boolean;
}

/**
 * What is wrong with a number that a caller passed; nothing for `undefined`, which means the default. NaN, text and what else is
 * no number are refused as well as values out of range.
 *
 * @example
 * const problem = numberProblem('threads', threads, { min: 1, max: 1024 });
 * if (problem) throw new OnnxError({ code: 'OPTIONS_INVALID', ...problem });
 */
export function numberProblem(
  name: string,
  value: unknown,
  { min, max, isWhole = true }: NumberRange,
): Pick<ErrorDetails, 'message' | 'fix'> | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value)))
    return undefined;
  const got = typeof value === 'number' ? value : value === null ? 'null' : `a ${typeof value}`;
  return {
    message: `expected ${name} to be a ${isWhole ? 'whole ' : ''}number ${rangeOf(min, max)}, got ${got}`,
    fix: 'Correct it, or leave it out for the default',
  };
}

/** A range in words; the least positive number stands for anything above 0. */
function rangeOf(min: number, max: number): string {
  return min === Number.MIN_VALUE ? `above 0 and at most ${max}` : `from ${min} to ${max}`;
}
