/**
 * Pictures of a file that is still arriving. Packets decode alone and lie scattered over the picture, so the beginning of a
 * file with packets is a file that has lost the others: nothing in the format is needed for it.
 *
 *   chunks → all bytes so far → is there a packet more? → decode, gaps filled in → picture
 */
import { eventLoopTurn, untilAborted } from '@vqkit/core';
import { maxPixels } from '@vqkit/images';
import { BitstreamError, splitFile } from './bitstream/index.ts';
import type { Decoded, DecodeOptions } from './codec-options.ts';
import { CodecError } from './errors.ts';
import { bytesOf, type FileBytes, numberOption } from './options.ts';

/** Bytes that are taken of a stream: a stranger's may have no end. More than any file of 2²⁸ pixels without alpha has. */
const mostBytes = 2 ** 26;

/** A file in pieces, as they come: `response.body`, a stream of Node, or a generator of yours. */
export type FileStream = ReadableStream<FileBytes> | AsyncIterable<FileBytes>;

/**
 * Decodes whatever of a file is there, again and again: `Codec.decodeProgressive` of every codec.
 *
 * @param decode  Decodes a file, which may be cut.
 */
export async function* decodeArriving(
  decode: (bytes: Uint8Array<ArrayBuffer>, options: DecodeOptions) => Promise<Decoded>,
  source: FileStream,
  options: DecodeOptions,
): AsyncGenerator<Decoded, void, undefined> {
  const limit = numberOption('maxPixels', options.maxPixels, { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? maxPixels;
  const { signal } = options;
  const chunks = chunksOf(source);
  const received: Uint8Array[] = [];
  let [shown, seen] = [0, 0];
  try {
    for (let isOver = false; !isOver; ) {
      isOver = await receive(chunks, received, signal);
      const length = lengthOf(received);
      // a little more is waited for: bytes that drip would take time in proportion to their square
      if (!isOver && length - seen < seen / 128) await untilAborted(moment(), signal);
      seen = length;
      const bytes = joined(received);
      received.splice(0, received.length, bytes);
      const held = intactBytes(bytes, limit, isOver);
      if (held === shown && (held > 0 || !isOver)) continue;
      const decoded = await decode(bytes, options).catch((error: unknown) => {
        if (isOver || !is(error, 'ALL_PACKETS_LOST')) throw error;
      });
      if (!decoded) continue;
      yield decoded;
      if (decoded.lostShare === 0 && !decoded.isAlphaLost) return;
      shown = held;
    }
  } finally {
    chunks.stop();
  }
}

function tooLong(length: number): BitstreamError {
  return new BitstreamError({
    code: 'LIMIT_EXCEEDED',
    message: `expected a stream of at most ${mostBytes} bytes, got ${length} and no end`,
    fix: 'Read a file that is so large as a whole, and pass it to decode',
  });
}

const moment = (): Promise<void> => new Promise((done) => void setTimeout(done, 20));

/** Waits for a chunk, and takes what has come with it. Returns whether that is all. */
async function receive(chunks: Chunks, received: Uint8Array[], signal: AbortSignal | undefined): Promise<boolean> {
  do {
    const { done, value } = await untilAborted(chunks.next(), signal);
    if (done) return true;
    received.push(bytesOf(value));
    // here and not after: a stream without an end may always have something ready
    const length = lengthOf(received);
    if (length > mostBytes) throw tooLong(length);
  } while (await chunks.isReady());
  return false;
}

/** Bytes of intact packets, header left out: 0 too for a file without packets, which shows nothing before it is whole. */
function intactBytes(bytes: Uint8Array, limit: number, isOver: boolean): number {
  try {
    const { packets } = splitFile(bytes, { maxPixels: limit });
    return packets.reduce((sum, { length }) => sum + length, 0);
  } catch (error) {
    // What is wrong at the end is for the decoder to say; before it, more may come.
    if (isOver || bytes.length === 0 || is(error, 'TRUNCATED') || is(error, 'CHECKSUM_MISMATCH')) return 0;
    throw error;
  }
}

const is = (error: unknown, code: BitstreamError['code']): boolean =>
  error instanceof BitstreamError && error.code === code;

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What both kinds of sources have in common. */
interface Chunks {
  next(): Promise<Step>;
  /** Whether the next one is there already, or the end. */
  isReady(): Promise<boolean>;
  /** Says that no more is wanted. */
  stop(): void;
}

type Step = IteratorResult<FileBytes, unknown>;

/** @throws CodecError `BYTES_INVALID` */
function chunksOf(source: FileStream): Chunks {
  const { read, stop } = readerOf(source);
  let ahead: Promise<Step> | undefined;
  const ask = (): Promise<Step> => {
    ahead ??= read();
    return ahead;
  };
  return {
    next: async () => {
      const step = await ask();
      ahead = undefined;
      return step;
    },
    isReady: () => {
      const isThere = () => true;
      return Promise.race([ask().then(isThere, isThere), eventLoopTurn().then(() => false)]);
    },
    stop: () => {
      stop().catch(() => undefined);
    },
  };
}

function readerOf(source: FileStream): { read(): Promise<Step>; stop(): Promise<unknown> } {
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) {
      const reader = source.getReader();
      return { read: () => reader.read(), stop: () => reader.cancel() };
    }
    if (Symbol.asyncIterator in source) {
      const iterator = source[Symbol.asyncIterator]();
      const stop = async (): Promise<void> => {
        if (iterator.return) await iterator.return();
      };
      return { read: () => iterator.next(), stop };
    }
  }
  throw new CodecError({
    code: 'BYTES_INVALID',
    message: `expected a stream of bytes, got ${source === null ? 'null' : `a ${typeof source} that is none`}`,
    fix: 'Pass the body of a response, blob.stream(), or createReadStream(path); whole files are for decode',
  });
}
