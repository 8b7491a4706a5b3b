/**
 * Bytes of a weights file, wherever it is: a path or `file:` URL (Node), any other URL, a Blob, or the bytes themselves.
 * Progress, abort and the SHA-256 check are the same for all of them. A server is given up that sends nothing for 30 s.
 */
import { fetchBytes, readRegularFile } from '@vqkit/core';
import { WeightsError } from '../errors.ts';
import type { WeightsCache } from './cache.ts';
import { knownDigest } from './known-files.ts';

/** Where weights come from. Strings are URLs when they have a scheme, else paths (in browsers: relative URLs). */
export type WeightsSource = string | URL | Blob | Uint8Array | ArrayBuffer;

/** How far a file has been read. */
export interface LoadProgress {
  readonly loadedBytes: number;
  /** Undefined when the server does not say. */
  readonly totalBytes: number | undefined;
}

/** How to read a file. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /**
   * Lower-case hexadecimal SHA-256 that the bytes must have, or its first digits. Official files are recognised by their
   * name or URL and checked without asking.
   */
  readonly sha256?: string;
  /** Keeps what was loaded from URLs. */
  readonly cache?: WeightsCache;
  /** Loads URLs. Default the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/**
 * Reads a whole weights file.
 *
 * @throws WeightsError `WEIGHTS_MISSING` when it cannot be read, `CHECKSUM_MISMATCH`; the signal's reason when aborted.
 */
export async function readSource(source: WeightsSource, options: ReadOptions = {}): Promise<Uint8Array> {
  options.signal?.throwIfAborted();
  const address = typeof source === 'string' || source instanceof URL ? String(source) : undefined;
  const digest = options.sha256 ?? (address === undefined ? undefined : knownDigest(address));
  const cache = address !== undefined && /^https?:/i.test(address) ? options.cache : undefined;
  const cached = await cache?.get(address!);
  if (cached !== undefined && (digest === undefined || (await sha256(cached)).startsWith(digest))) return cached;
  const bytes = await bytesOf(source, options);
  options.signal?.throwIfAborted();
  if (digest !== undefined) await checkSha256(bytes, digest, nameOf(source));
  await cache?.put(address!, bytes).catch(() => undefined); // a full disc is no reason to fail
  return bytes;
}

/** A source as people know it. */
function nameOf(source: WeightsSource): string {
  return typeof source === 'string' || source instanceof URL ? `'${source}'` : 'the given bytes';
}

async function bytesOf(source: WeightsSource, options: ReadOptions): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return ofBlob(source, options);
  const text = String(source);
  const { signal, onProgress, fetch } = options;
  const isUrl = /^[a-z][a-z+.-]+:/i.test(text);
  if (globalThis.process?.getBuiltinModule !== undefined && (!isUrl || text.startsWith('file:')))
    return readRegularFile(isUrl ? new URL(text) : text, { signal }).catch((cause) => fail(source, cause, options));
  return fetchBytes(text, {
    signal,
    fetch,
    onProgress: onProgress && ((loadedBytes, totalBytes) => onProgress({ loadedBytes, totalBytes })),
  }).catch((cause) => fail(source, cause, options));
}

async function ofBlob(blob: Blob, { onProgress }: ReadOptions): Promise<Uint8Array> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  onProgress?.({ loadedBytes: bytes.length, totalBytes: bytes.length });
  return bytes;
}

function fail(source: WeightsSource, cause: unknown, { signal }: ReadOptions): never {
  if (signal?.aborted) throw signal.reason;
  throw new WeightsError({
    code: 'WEIGHTS_MISSING',
    message: `expected a readable weights file at ${nameOf(source)}, got ${cause instanceof Error ? cause.message : cause}`,
    fix: 'Check the path or URL, or pass the bytes themselves',
    cause,
  });
}

async function checkSha256(bytes: Uint8Array, expected: string, name: string): Promise<void> {
  const actual = await sha256(bytes);
  if (actual.startsWith(expected)) return;
  throw new WeightsError({
    code: 'CHECKSUM_MISMATCH',
    message: `expected the SHA-256 of ${name} to begin with ${expected}, got ${actual}`,
    fix: 'Fetch the file again; rename another version, or pass its own sha256',
  });
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
