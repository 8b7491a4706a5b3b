/**
 * `@vqkit/weights-photo`: the default weights of the codec, trained on photographs with open licences.
 * This package only says what they are and reads their files; it imports nothing. This is its entry for Node; the same
 * exports for everything else are in `web.ts`, and `package.json` says who gets which.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { files } from './files.ts';
import {
  type FromOptions,
  type LoadOptions,
  openSource,
  type PhotoWeights,
  type Platform,
  type Source,
} from './open-source.ts';

export { WeightsError } from './errors.ts';
export { type FileFacts, files, type WeightsFile } from './files.ts';
export { manifest } from './manifest.ts';
export type { FetchFile, FromOptions, LoadOptions, LoadProgress, PhotoWeights, Source } from './open-source.ts';

const platform: Platform = {
  resolve: (folder) => (/^[a-z][a-z+]+:/i.test(folder) ? new URL(folder) : pathToFileURL(`${resolve(folder)}/`)),
  read: async (url, init) => (url.protocol === 'file:' ? new Uint8Array(await readFile(url, init)) : fetch(url, init)),
};

/**
 * The same weights with their files from somewhere else, with progress, or kept in Cache Storage.
 *
 * @param source  A URL of the folder, in Node also a path; a function that fetches a file by its name; or `files`.
 * @example
 * const codec = await createCodec(photo.from('https://cdn.example/weights-photo/'), { backend });
 * const codec = await createCodec(photo.from(photo.files, { onProgress, cache: 'vqkit' }), { backend });
 */
export function from(source: Source, options: FromOptions = {}): PhotoWeights {
  return openSource(source, options, platform);
}

/**
 * Reads one of the files: from disk in Node, by `fetch` elsewhere.
 *
 * @param file  A `WeightsFile`.
 * @returns The whole file.
 * @throws WeightsError `WEIGHTS_UNREACHABLE`, `WEIGHTS_DAMAGED`, `FILE_UNKNOWN`; the signal's reason.
 */
export function load(file: string, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  return from(files).load(file, options);
}
