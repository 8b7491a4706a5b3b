/** Bytes in and out: files, or `-` for standard input and output. */
import { randomUUID } from 'node:crypto';
import { access, constants, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { printable } from '@vqkit/codec/bitstream';
import { CliError, reasonOf } from '../errors.ts';

/** The name that stands for standard input or output. */
export const standardStream = '-';

/** A path as messages show it. */
export function nameOfInput(path: string): string {
  return path === standardStream ? 'standard input' : `'${printable(path)}'`;
}

/** Reads a whole file, or standard input for `-`. @throws CliError `INPUT_UNREADABLE`; the signal's reason when aborted. */
export async function readInput(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  try {
    return path === standardStream ? await readStandardInput(signal) : await readFile(path, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CliError({
      code: 'INPUT_UNREADABLE',
      message: `expected a readable file at ${nameOfInput(path)}, got: ${reasonOf(cause)}`,
      fix: 'Check the path and its permissions',
      cause,
    });
  }
}

async function readStandardInput(signal?: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const stop = (): void => void process.stdin.destroy(new Error('aborted'));
  signal?.addEventListener('abort', stop);
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

/** Checks, before long work, that a file can be put there. @throws CliError `OUTPUT_UNWRITABLE` */
export async function checkOutput(path: string): Promise<void> {
  if (path === standardStream) return;
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory()) throw new Error('this is a folder');
    await access(existing?.isFile() === false ? path : dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Writes a file whole or not at all: beside its place first, then renamed. Devices and pipes are written directly;
 * `-` is standard output.
 *
 * @throws CliError `OUTPUT_UNWRITABLE`; the signal's reason when aborted.
 */
export async function writeOutput(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    if (path === standardStream) await writeStandardOutput(bytes);
    else await replaceFile(path, bytes, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw unwritable(path, cause);
  }
}

async function replaceFile(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  // Through a symbolic link, the file that it points at is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) return writeFile(target, bytes, { signal });
  const part = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    await writeFile(part, bytes, { signal, flag: 'wx' });
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes to standard output and waits until it is taken. */
export function writeStandardOutput(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    // A reader that went away is reported twice: to the callback and as an event, which must not end the process.
    process.stdout.once('error', reject);
    process.stdout.write(bytes, (error) => {
      if (error) return reject(error);
      process.stdout.off('error', reject);
      resolve();
    });
  });
}

function unwritable(path: string, cause: unknown): CliError {
  return new CliError({
    code: 'OUTPUT_UNWRITABLE',
    message: `expected to write ${path === standardStream ? 'standard output' : `'${path}'`}, got: ${reasonOf(cause)}`,
    fix: 'Check that its folder exists and may be written to',
    cause,
  });
}
