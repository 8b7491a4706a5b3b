/**
 * How much work a file may ask for: it follows from the bytes that came, so that a few bytes cannot buy minutes.
 *
 * Work is counted in steps of about 20 ns (one core of an AMD EPYC). Very flat pictures cost next to no bytes; an encoder
 * appends zero bytes to their packets, which a decoder reads behind the data anyway, until the work is allowed. So every
 * file of this encoder passes, whichever of its packets arrive.
 */
import { BitstreamError } from './errors.ts';

/** Steps that every file may ask for: 0.4 s. */
export const freeSteps: number = 1 << 24;

/** Steps that a byte of coded indices pays for. */
export const indexStepsPerByte = 1024;

/** Pixels (of about one step each) that a byte of coded alpha pays for: masks have long runs that cost nothing. */
export const alphaStepsPerByte = 4096;

/** Returns the bytes that pay for so many steps, after the free ones. */
export function bytesFor(steps: number, free: number, stepsPerByte: number): number {
  return Math.max(0, Math.ceil((steps - free) / stepsPerByte));
}

/** Appends zeros to coded data until they have `length` bytes. Decoders take what is behind the data as zero. */
export function pad<T extends Uint8Array>(bytes: T, length: number): T | Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

/** Checks steps against a limit. @throws BitstreamError `LIMIT_EXCEEDED`. */
export function checkWork(steps: number, limit: number): void {
  if (steps <= limit) return;
  throw new BitstreamError({
    code: 'LIMIT_EXCEEDED',
    message: `The data ask for at least ${steps} steps of work, their size allows ${limit}`,
    fix: 'Pass maxWork: Infinity if the file can be trusted',
  });
}
