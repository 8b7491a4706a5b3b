/** Bytes in and out: files, or `-` for standard input and output. */
import { randomUUID } from 'node:crypto';
import { createReadStream, openSync, type Stats } from 'node:fs';
import { access, constants, open, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { printable } from '@vqkit/codec/bitstream';
import { untilAborted } from '@vqkit/core';
import { maxPixels } from '@vqkit/images';
import { type FileKind, kindBytes, kindOf } from '@vqkit/images/node';
import { CliError, reasonOf } from '../errors.ts';

/** The name that stands for standard input or output. */
export const standardStream = '-';

/** Most bytes of a pipe or device: what the largest picture takes in 8 bits and four channels. */
const maxStreamBytes = 4 * maxPixels;

/** Most bytes of a stream that begins as no known kind of file, such as zeros without end. */
const maxUnknownBytes = 2 ** 26;

/** A path as messages show it. */
export function nameOfInput(path: string): string {
  return path === standardStream ? 'standard input' : `'${printable(path)}'`;
}

/** Reads a whole file, or standard input for `-`. @throws CliError `INPUT_UNREADABLE`; the signal's reason when aborted. */
export async function readInput(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  try {
    return path === standardStream ? await readStandardInput(signal) : await readPath(path, signal);
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
  const stop = (): void => void process.stdin.destroy(new Error('aborted'));
  signal?.addEventListener('abort', stop);
  try {
    return await readStream(process.stdin);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function readPath(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return readFile(path, { signal });
  const stream = found.isFIFO() ? openPipe(path) : createReadStream(path);
  const stop = (): void => void stream.destroy(new Error('aborted'));
  signal?.addEventListener('abort', stop);
  try {
    return await readStream(stream);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** A pipe that can be left again while nobody writes into it: reading it as a file would hold a thread, and the process with it. */
function openPipe(path: string): Socket {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}

/** All of a stream; pipes and devices may never end. */
async function readStream(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let most = maxStreamBytes;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (size === 0 && ['unknown', 'text'].includes(kindOf(chunk))) most = maxUnknownBytes;
    size += chunk.length;
    if (size > most) throw new Error(`more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What is known of a file that will be written. */
export interface OutputCheck {
  /** What it will hold. */
  readonly kind: FileKind;
  /** Files that are read; none of them may be written. */
  readonly inputs?: readonly string[];
  /** Replace an existing file of another kind. Default false. */
  readonly force?: boolean;
}

/**
 * Checks, before long work, that a file can be put there and that nobody loses another one by it.
 *
 * @throws CliError `OUTPUT_UNWRITABLE`; `OUTPUT_IS_INPUT`; `OUTPUT_EXISTS` for an existing file of another kind.
 */
export async function checkOutput(path: string, { kind, inputs = [], force = false }: OutputCheck): Promise<void> {
  if (path === standardStream) return;
  const [target, existing] = await lookAt(path);
  for (const input of inputs) await checkApart(path, input, 'Choose another name for what is written');
  if (force || !existing?.isFile() || existing.size === 0) return;
  const found = kindOf(await firstBytes(target));
  if (found === kind) return;
  throw new CliError({
    code: 'OUTPUT_EXISTS',
    message: `expected a new file or one that holds ${kind} at ${nameOfInput(path)}, got one that holds ${found === 'unknown' ? 'something else' : found}`,
    fix: 'Choose another name, or add --force to replace it',
  });
}

/** Checks that what is written is not what is read. @throws CliError `OUTPUT_IS_INPUT` for two names of one file or folder that is there. */
export async function checkApart(output: string, input: string, fix: string): Promise<void> {
  const [written, read] = await Promise.all([output, input].map((path) => stat(path).catch(() => undefined)));
  if (!written || written.dev !== read?.dev || written.ino !== read.ino) return;
  throw new CliError({
    code: 'OUTPUT_IS_INPUT',
    message: `expected another place than the input to write, got ${nameOfInput(output)}, which is the same as ${nameOfInput(input)}`,
    fix,
  });
}

/** The file behind a path, through links, and what is there now. @throws CliError `OUTPUT_UNWRITABLE` */
async function lookAt(path: string): Promise<[target: string, existing: Stats | undefined]> {
  try {
    const target = await targetOf(path);
    const existing = await existingAt(target);
    if (existing?.isDirectory()) throw new Error('this is a folder');
    await access(existing?.isFile() === false ? target : dirname(target), constants.W_OK);
    return [target, existing];
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Where symbolic links lead, also where nothing is there yet. */
async function targetOf(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < 40; links++) {
    const next = await readlink(target).catch(() => undefined);
    if (next === undefined) return target;
    target = resolve(dirname(target), next);
  }
  throw new Error('its links lead in a circle');
}

/** @throws for names that are too long and folders that may not be looked into. */
function existingAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(kindBytes), 0, kindBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Writes a file whole or not at all: beside its place first, then renamed. Devices and pipes are written directly;
 * `-` is standard output.
 *
 * @throws CliError `OUTPUT_UNWRITABLE`; the signal's reason when aborted.
 */
export async function writeOutput(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const isRegular = await isRegularOutput(path);
  await writing(path, signal, async () => {
    if (path === standardStream) return untilAborted(writeStandardOutput(bytes), signal);
    if (!isRegular) return writeFile(await targetOf(path), bytes, { signal });
    return replaceFile(path, (part) => writeFile(part, bytes, { signal, flag: 'wx' }));
  });
}

/**
 * The same for a file that is made in place, by `write` at the path that it is given.
 *
 * @throws CliError `OUTPUT_UNWRITABLE`; the signal's reason when aborted. Nothing is left then.
 */
export function writeOutputBy(
  path: string,
  write: (part: string) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  return writing(path, signal, () => replaceFile(path, write));
}

/** Whether a path is, or can become, a file on a disk, not a stream or a device. */
export async function isRegularOutput(path: string): Promise<boolean> {
  if (path === standardStream) return false;
  const existing = await targetOf(path)
    .then(existingAt)
    .catch(() => undefined);
  return existing?.isFile() !== false;
}

async function writing(path: string, signal: AbortSignal | undefined, write: () => Promise<unknown>): Promise<void> {
  signal?.throwIfAborted();
  try {
    await write();
  } catch (cause) {
    signal?.throwIfAborted();
    // What was to be written may fail too, and says so itself.
    throw typeof (cause as { fix?: unknown }).fix === 'string' ? cause : unwritable(path, cause);
  }
}

async function replaceFile(path: string, write: (part: string) => Promise<unknown>): Promise<void> {
  // Through a symbolic link, the file that it points at is replaced or made, not the link.
  const target = await targetOf(path);
  const part = join(dirname(target), `.${randomUUID()}.part`); // a name of its own: the target's may be as long as names can be
  try {
    await write(part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes to standard output and waits until it is taken. @throws CliError `OUTPUT_UNWRITABLE` */
export async function writeStandardOutput(bytes: Uint8Array | string): Promise<void> {
  const { stdout } = process;
  try {
    await new Promise<void>((resolve, reject) => {
      // A reader that went away is reported twice: to the callback and as an event, which must not end the process.
      stdout.once('error', reject);
      stdout.write(bytes, (error) => {
        if (error) return reject(error);
        stdout.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw unwritable(standardStream, cause);
  }
}

function unwritable(path: string, cause: unknown): CliError {
  return new CliError({
    code: 'OUTPUT_UNWRITABLE',
    message: `expected to write ${path === standardStream ? 'standard output' : nameOfInput(path)}, got: ${reasonOf(cause)}`,
    fix: 'Check that its folder exists and may be written to, and that the name is not too long',
    cause,
  });
}
