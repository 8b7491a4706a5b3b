/** One piece of work for many files, in which a broken file does not end the others. */
import { printable } from '@vqkit/codec/bitstream';
import { CliError } from '../errors.ts';
import { warn } from '../output.ts';
import { nameOfInput } from './files.ts';

/** A file that was left out, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** Remembers a file that failed and says so. @throws the signal's reason when it was a stop and no failure. */
export function skip(skipped: SkippedFile[], file: string, error: unknown, signal?: AbortSignal): void {
  signal?.throwIfAborted();
  const { code } = error as { readonly code?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  skipped.push({ file, code: typeof code === 'string' ? code : 'UNEXPECTED', message });
  warn(`left out ${nameOfInput(file)}: ${message}`);
}

/**
 * Does the work for each file and goes on after failures. With a single file its failure is thrown as it is.
 *
 * @returns What was left out, in order.
 * @throws CliError `ALL_FAILED` when nothing is left; the signal's reason.
 */
export async function eachFile(
  files: readonly string[],
  work: (file: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<SkippedFile[]> {
  const skipped: SkippedFile[] = [];
  for (const file of files) {
    try {
      await work(file);
    } catch (error) {
      if (files.length === 1) throw error;
      skip(skipped, file, error, signal);
    }
  }
  checkLeft(files, skipped);
  return skipped;
}

/** @throws CliError `ALL_FAILED` */
export function checkLeft(files: readonly string[], skipped: readonly SkippedFile[]): void {
  if (skipped.length < files.length) return;
  throw new CliError({
    code: 'ALL_FAILED',
    message: `expected at least one usable file of ${files.length}, got none; the first: ${skipped[0]?.message}`,
    fix: 'See the warnings above',
  });
}

/** The last line about what was left out; none where nothing was. */
export function linesOfSkipped(files: readonly string[], skipped: readonly SkippedFile[]): string[] {
  if (skipped.length === 0) return [];
  return [
    `left out ${skipped.length} of ${files.length} files: ${skipped.map(({ file }) => printable(file)).join(', ')}`,
  ];
}
