/**
 * The one error class of the bitstream.
 *
 * Every byte string that is read here ends in a result or in a `BitstreamError`; nothing else is thrown on purpose.
 * This folder imports nothing, so the class stands on its own and has the same fields as the other errors of vqkit.
 */

/**
 * The stable codes. They are listed with their meaning in `docs/bitstream.md`.
 *
 * - `NOT_A_VQK`: the first bytes are not the magic.
 * - `UNSUPPORTED_VERSION`, `UNSUPPORTED_FEATURE`: written by a newer format, or a critical flag that is unknown here.
 * - `TRUNCATED`: the bytes end too early.
 * - `CHECKSUM_MISMATCH`: the bytes were altered.
 * - `HEADER_INVALID`: a header field has a value that the format forbids.
 * - `LIMIT_EXCEEDED`: a header asks for more than the limits of the caller.
 * - `PAYLOAD_INVALID`: coded data that no encoder writes.
 * - `ALL_PACKETS_LOST`: not one packet is intact.
 * - `PRIOR_MISSING`, `PRIOR_MISMATCH`, `PRIOR_INVALID`: the file needs a prior; another one; the prior file is damaged.
 * - `VALUE_OUT_OF_RANGE`: an argument is not what it has to be.
 */
export type BitstreamErrorCode =
  | 'NOT_A_VQK'
  | 'UNSUPPORTED_VERSION'
  | 'UNSUPPORTED_FEATURE'
  | 'TRUNCATED'
  | 'CHECKSUM_MISMATCH'
  | 'HEADER_INVALID'
  | 'LIMIT_EXCEEDED'
  | 'PAYLOAD_INVALID'
  | 'ALL_PACKETS_LOST'
  | 'PRIOR_MISSING'
  | 'PRIOR_MISMATCH'
  | 'PRIOR_INVALID'
  | 'VALUE_OUT_OF_RANGE';

/** What a `BitstreamError` is made from. */
export interface BitstreamErrorDetails {
  /** Stable identifier for programs. */
  readonly code: BitstreamErrorCode;
  /** What was expected and what arrived. */
  readonly message: string;
  /** What to do next. */
  readonly fix: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** Thrown by everything in this folder. The `fix` is part of the printed message. */
export class BitstreamError extends Error {
  override name = 'BitstreamError';
  readonly code: BitstreamErrorCode;
  readonly fix: string;

  constructor({ code, message, fix, cause }: BitstreamErrorDetails) {
    super(`${message}. ${fix}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fix = fix;
  }
}

/**
 * Checks a limit that a caller may give.
 *
 * @param value  An integer from 1, or Infinity for no limit; `undefined` is the default.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` for anything else, NaN included.
 */
export function limitOf(name: string, value: number | undefined, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value > 0)) return value;
  throw new BitstreamError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${name}: expected an integer from 1, or Infinity, got ${String(value)}`,
    fix: 'Correct the option, or leave it out for the default',
  });
}

/**
 * Checks an argument of an encoder.
 *
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when `value` is not an integer in `[min, max]`.
 */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new BitstreamError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${name}: expected an integer from ${min} to ${max}, got ${String(value)}`,
    fix: 'Correct the argument',
  });
}
