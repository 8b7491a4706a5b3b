/**
 * Errors of `@vqkit/core`: one base class, a stable `code` for programs and a `fix` for people.
 * Other packages derive their own base class from `VqkitError`.
 */

/** What every vqkit error is made from. */
export interface ErrorDetails {
  /** Stable identifier in UPPER_SNAKE, listed in the README of the package that throws it. */
  readonly code: string;
  /** What was expected and what arrived. */
  readonly message: string;
  /** What to do next. */
  readonly fix: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** Base of all errors that vqkit throws on purpose. The `fix` is part of the printed message. */
export class VqkitError extends Error {
  // written out in each class, since minifiers shorten the names of classes
  override name = 'VqkitError';
  readonly code: string;
  readonly fix: string;

  constructor({ code, message, fix, cause }: ErrorDetails) {
    super(`${message}. ${fix}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fix = fix;
  }
}

/** Shapes or axes do not fit: `SHAPE_MISMATCH`, `AXIS_OUT_OF_RANGE`, `RANK_MISMATCH`. */
export class ShapeError extends VqkitError {
  override name = 'ShapeError';
}

/** A dtype or a value is not allowed here: `DTYPE_MISMATCH`, `VALUE_OUT_OF_RANGE`, `NOT_FINITE`. */
export class ValueError extends VqkitError {
  override name = 'ValueError';
}

/** A backend cannot do what was asked: `BACKEND_MISMATCH`, `BACKEND_UNAVAILABLE`, `KERNEL_MISSING`, `READ_SYNC_UNSUPPORTED`, `BACKEND_DISPOSED`, … */
export class BackendError extends VqkitError {
  override name = 'BackendError';
}

/** A tensor was used after `dispose()`, or a scope was misused: `TENSOR_DISPOSED`, `TIDY_ASYNC`, `LEAK`. */
export class MemoryError extends VqkitError {
  override name = 'MemoryError';
}

/** A function cannot be traced, compiled or differentiated: `TRACE_READ`, `TRACE_ESCAPED`, `NOT_SCALAR`, `NO_GRADIENT`. */
export class TraceError extends VqkitError {
  override name = 'TraceError';
}

/** A safetensors file is damaged or does not hold what was asked: `FILE_DAMAGED`, `TENSOR_MISSING`. */
export class FileFormatError extends VqkitError {
  override name = 'FileFormatError';
}
