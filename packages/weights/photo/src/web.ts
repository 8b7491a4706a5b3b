/** `@vqkit/weights-photo` in browsers and whatever is no Node: files come by `fetch`. The API is that of `index.ts`. */
import { entryOf } from './open-source.ts';

export * from './shared.ts';

/** `from` and `load` where files come by `fetch`; a folder is relative to the page, or to the script of the worker. */
export const { from, load } = entryOf({
  resolve: (folder) => new URL(folder, globalThis.location?.href),
  read: (url, init) => fetch(url, init),
});
