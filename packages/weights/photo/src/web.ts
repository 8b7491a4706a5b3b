/** `@vqkit/weights-photo` in browsers and whatever is no Node: files come by `fetch`. The API is that of `index.ts`. */
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
  resolve: (folder) => new URL(folder, globalThis.location?.href),
  read: (url, init) => fetch(url, init),
};

/** As in `index.ts`; a folder is relative to the page, or to the script of the worker. */
export function from(source: Source, options: FromOptions = {}): PhotoWeights {
  return openSource(source, options, platform);
}

/** As in `index.ts`. */
export function load(file: string, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  return from(files).load(file, options);
}
