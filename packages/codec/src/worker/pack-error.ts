/** Errors on their way out of a worker: cloning keeps the message alone, so class, code, advice and cause go beside it. */
import {
  BackendError,
  FileFormatError,
  MemoryError,
  ShapeError,
  TraceError,
  ValueError,
  VqkitError,
} from '@vqkit/core';
import { ImageError } from '@vqkit/images';
import { TokenizerError } from '@vqkit/tokenizer';
import { BitstreamError } from '../bitstream/index.ts';
import { CodecError } from '../errors.ts';

/** An error as a message; whatever else was thrown as `value`. */
export interface PackedError {
  /** The class in the table below that it is of, `Error` if none. */
  readonly kind?: string;
  readonly message?: string;
  readonly stack?: string | undefined;
  /** Its own fields: name, code, fix. */
  readonly fields?: object;
  readonly cause?: PackedError | undefined;
  /** Of an `AggregateError`. */
  readonly errors?: readonly PackedError[] | undefined;
  readonly value?: unknown;
}

/**
 * Classes that are here as well as in the worker, those that extend others first; an error of another class becomes the
 * nearest of these. They go by these names, since bundlers shorten those of the classes themselves.
 */
const known: Readonly<Record<string, { readonly prototype: object }>> = {
  ...{ BitstreamError, CodecError, ImageError, TokenizerError },
  ...{ BackendError, FileFormatError, MemoryError, ShapeError, TraceError, ValueError, VqkitError },
  ...{ AggregateError, RangeError, SyntaxError, TypeError, DOMException, Error },
};

/** Takes an error apart. @param depth  How far causes are followed. */
export function packError(error: unknown, depth = 4): PackedError {
  if (!(error instanceof Error)) return { value: cloneable(error) ?? String(error) };
  const kind = Object.keys(known).find((name) => Object.prototype.isPrototypeOf.call(known[name]!.prototype, error))!;
  const { message, stack, cause, errors } = error as AggregateError;
  const isDeep = depth > 0;
  return {
    kind,
    message,
    stack,
    fields: cloneable({ ...error, name: error.name }) ?? { name: error.name },
    cause: isDeep && cause !== undefined ? packError(cause, depth - 1) : undefined,
    errors: isDeep && Array.isArray(errors) ? errors.map((one) => packError(one, depth - 1)) : undefined,
  };
}

/** Puts it together again. */
export function unpackError({ kind, message, stack, fields, cause, errors, value }: PackedError): unknown {
  if (kind === undefined) return value;
  const { name, ...others } = fields as { name: string };
  if (kind === 'DOMException') return new DOMException(message, name);
  const error = new Error(message, cause && { cause: unpackError(cause) });
  Object.setPrototypeOf(error, known[kind]!.prototype);
  if (errors) Object.defineProperty(error, 'errors', { value: errors.map(unpackError) });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  Object.assign(error, others);
  if (error.name !== name) error.name = name;
  return error;
}

function cloneable<T>(value: T): T | undefined {
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}
