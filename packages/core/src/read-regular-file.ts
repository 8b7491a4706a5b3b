/** Files of Node, read whole; bundlers for browsers see no import of Node here. */

/** How a file is read. */
export interface ReadRegularFileOptions {
  /** Most bytes to take. Default 2³¹ − 1, what one buffer of Node holds everywhere. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file to its end. Pipes, which are waited for, and devices, some of which never end, are refused, and so are folders.
 *
 * @throws What Node throws where nothing can be read, with its `code`; Error for what is no file or too large; the signal's reason or
 *   an `AbortError` when aborted.
 */
export async function readRegularFile(
  path: string | URL,
  { maxBytes = 2 ** 31 - 1, signal }: ReadRegularFileOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const files = globalThis.process.getBuiltinModule('node:fs/promises');
  const found = await files.stat(path);
  if (!found.isFile()) throw new Error(found.isDirectory() ? 'a folder' : 'a pipe or a device');
  if (found.size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  const { buffer, byteOffset, length } = await files.readFile(path, { signal });
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
}
