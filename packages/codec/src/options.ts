/** What callers pass in: numbers within their ranges, and bytes in whatever form they have them. */
import { type NumberRange, numberProblem } from '@vqkit/core';
import type { InputImage } from '@vqkit/images';
import { type BrowserImage, fromBrowser } from '@vqkit/images/browser';
import { CodecError } from './errors.ts';

/**
 * A numeric option, or `undefined` where it is left out; NaN, text and values out of range are refused.
 *
 * @throws CodecError `OPTIONS_INVALID`
 */
export function numberOption(name: string, value: unknown, range: NumberRange): number | undefined {
  const problem = numberProblem(name, value, range);
  if (problem) throw new CodecError({ code: 'OPTIONS_INVALID', ...problem });
  return value as number | undefined;
}

/** Bytes of a file: a view or a buffer, or, where they can be awaited, a `Blob` or `File`. */
export type FileBytes = ArrayBufferView | ArrayBufferLike;

/** @throws CodecError `BYTES_INVALID` */
export function bytesOf(bytes: FileBytes): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // By name, since buffers may come from another realm.
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(bytes))) return new Uint8Array(bytes);
  const isBlob = typeof (bytes as { arrayBuffer?: unknown } | null)?.arrayBuffer === 'function';
  throw new CodecError({
    code: 'BYTES_INVALID',
    message: `expected the bytes of a .vqk file, got ${bytes === null ? 'null' : isBlob ? 'a Blob' : `a ${typeof bytes}`}`,
    fix: isBlob
      ? 'Pass new Uint8Array(await blob.arrayBuffer())'
      : 'Read the file first, e.g. await readFile(path), or await (await fetch(url)).arrayBuffer()',
  });
}

/** As `bytesOf`, for a `Blob` or `File` too. @throws CodecError `BYTES_INVALID` */
export async function readBytes(bytes: FileBytes | Blob): Promise<Uint8Array> {
  const isBlob = typeof Blob !== 'undefined' && bytes instanceof Blob;
  return bytesOf(isBlob ? await bytes.arrayBuffer() : (bytes as FileBytes));
}

/** What `encode` takes: pixels, or a picture as browsers have it. */
export type ImageSource = InputImage | BrowserImage;

/** Pixels of whatever the caller has; what is no picture passes through, to be refused with the rest. @throws ImageError */
export async function readImage(source: ImageSource): Promise<InputImage> {
  const isPicture =
    typeof source === 'object' &&
    source !== null &&
    !('data' in source) &&
    typeof OffscreenCanvas !== 'undefined' &&
    /^\[object (Blob|File|ImageBitmap|VideoFrame|\w*Canvas|HTML\w+Element)\]$/.test(
      Object.prototype.toString.call(source),
    );
  return isPicture ? fromBrowser(source) : (source as InputImage);
}
