/** Assertions with messages that name the element, both values and what was allowed. No test runner needed. */
import type { TypedArray } from '../dtype.ts';
import { VqkitError } from '../errors.ts';

/** Something does not hold: `VALUES_DIFFER`, `EXPECTATION_FAILED`, `TIMED_OUT`, `SKIP_UNKNOWN`. */
export class ConformanceError extends VqkitError {
  override name = 'ConformanceError';
}

/** How far a value may be from the expected one: |actual − expected| ≤ absolute + relative·|expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Not a bit off (−0 and 0 count as equal). */
export const exact: Tolerance = { relative: 0, absolute: 0 };

/** Multiplies a tolerance. */
export function scaleTolerance({ relative, absolute }: Tolerance, factor: number): Tolerance {
  return { relative: relative * factor, absolute: absolute * factor };
}

/** Fails with `message` unless `condition` holds. */
export function expectThat(condition: boolean, message: string): void {
  if (condition) return;
  throw new ConformanceError({
    code: 'EXPECTATION_FAILED',
    message,
    fix: 'See the description of the interface in backend.ts',
  });
}

function isClose(actual: number, expected: number, { relative, absolute }: Tolerance): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

/**
 * Fails unless all values are close; NaN equals NaN, infinities equal themselves.
 *
 * @param what  Names the values in the message.
 * @throws ConformanceError `VALUES_DIFFER` with the worst element and how many differ.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what = 'values',
): void {
  expectThat(actual.length === expected.length, `${what}: expected ${expected.length} values, got ${actual.length}`);
  let count = 0;
  let worst = -1;
  let worstError = -1;
  for (let i = 0; i < expected.length; i++) {
    // Most values are equal outright; millions of them are compared.
    if (actual[i] === expected[i] || isClose(actual[i]!, expected[i]!, tolerance)) continue;
    count++;
    const difference = Math.abs(actual[i]! - expected[i]!);
    const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    if (error <= worstError) continue;
    worstError = error;
    worst = i;
  }
  if (count === 0) return;
  const { relative, absolute } = tolerance;
  throw new ConformanceError({
    code: 'VALUES_DIFFER',
    message:
      `${what}: ${count} of ${expected.length} differ; at ${worst} expected ${expected[worst]}, got ${actual[worst]} ` +
      `(off by ${worstError}, allowed ${absolute} + ${relative}·|expected|)`,
    fix: 'Compare with the description of the kernel, or with runOnHost on the same call',
  });
}

/** Fails unless two arrays have one type and the same bits (NaN included). */
export function expectSameBits(actual: TypedArray, expected: TypedArray, what = 'values'): void {
  const bytes = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const [a, b] = [bytes(actual), bytes(expected)];
  expectThat(a.length === b.length, `${what}: expected ${b.length} bytes, got ${a.length}`);
  const at = a.findIndex((byte, i) => byte !== b[i]);
  const i = Math.floor(at / actual.BYTES_PER_ELEMENT);
  expectThat(at < 0, `${what}: expected the same bits, but element ${i} is ${actual[i]} and was ${expected[i]}`);
}

/**
 * Fails unless `fn` throws (or rejects with) an error of this code whose message says what to do.
 *
 * @param pattern  What the message must mention.
 */
export async function expectError(fn: () => unknown, code: string, pattern: RegExp): Promise<void> {
  let thrown: unknown;
  try {
    await fn();
  } catch (error) {
    thrown = error;
  }
  expectThat(thrown !== undefined, `expected an error ${code}, but nothing was thrown`);
  const { code: actual, fix, message } = thrown as Partial<VqkitError>;
  expectThat(actual === code, `expected an error ${code}, got ${actual ?? 'no code'}: ${message ?? String(thrown)}`);
  expectThat(pattern.test(message ?? ''), `expected a message that matches ${pattern}, got: ${message}`);
  expectThat(typeof fix === 'string' && fix.length > 0, `expected a fix in the error ${code}, got none`);
}
