/** Bytes of an input, wherever it lies. */
import { open } from 'node:fs/promises';
import { fetchBytes, readRegularFile } from '@vqkit/core';
import { BatchError, reasonOf } from '../errors.ts';
import { isS3, readS3 } from '../storage/s3.ts';
import { type BatchItem, sourceOf } from './item.ts';

/** Largest input in bytes: what one buffer of Node holds everywhere. */
export const maxBytes = 2 ** 31 - 1;

/** Reads a whole input. @throws BatchError `INPUT_UNREADABLE` */
export async function readItem(item: BatchItem): Promise<Uint8Array> {
  try {
    if (item.broken !== undefined) throw new Error(item.broken);
    if (item.range && !(item.range.size >= 0 && item.range.size <= maxBytes)) throw new Error(tooLarge);
    const bytes = await readAt(item);
    if (item.range && bytes.length !== item.range.size) throw new Error('the archive ends before it');
    return bytes;
  } catch (cause) {
    if (cause instanceof BatchError) throw cause;
    throw new BatchError({
      code: 'INPUT_UNREADABLE',
      message: `expected a readable input at '${sourceOf(item)}', got: ${reasonOf(cause)}`,
      fix: 'Check that every machine that works on the batch can read it',
      cause,
    });
  }
}

const tooLarge = `more than ${maxBytes} bytes`;

async function readAt({ at, range }: BatchItem): Promise<Uint8Array> {
  if (isS3(at)) {
    const bytes = await readS3(at, range);
    if (bytes === undefined) throw new Error('there is no such object');
    return bytes;
  }
  if (/^https?:/.test(at)) return fetchBytes(at, { maxBytes });
  if (range === undefined) return readRegularFile(at);
  const file = await open(at);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(range.size), 0, range.size, range.offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
