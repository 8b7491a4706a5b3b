/**
 * `@vqkit/weights-photo`: the default weights of the codec, trained on photographs with open licences.
 * This package only says what they are and reads their files; it imports nothing.
 */
import { manifest } from './manifest.ts';

export { manifest };

/** Files of this package: networks and codebooks, and one prior of the entropy coder per codebook. */
export type WeightsFile = 'weights.safetensors' | `prior-${number}.vqp`;

/**
 * Reads one of the files: from disk in Node, by `fetch` elsewhere.
 *
 * @param file  A `WeightsFile`.
 * @returns The whole file.
 * @throws Error when the file cannot be read; the reason is its cause.
 */
export async function load(file: string, options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
  const url = new URL(`../files/${file}`, import.meta.url);
  const { signal } = options;
  if (url.protocol === 'file:') {
    // Not an import, so that bundlers for browsers need not know about Node's modules.
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    return new Uint8Array(await readFile(url, { signal }));
  }
  const response = await fetch(url, { signal });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new Error(
    `expected the weights at ${url.href}, got HTTP status ${response.status}. Serve the package's files folder`,
  );
}
