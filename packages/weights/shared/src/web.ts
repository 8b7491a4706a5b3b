/** Weights in browsers and whatever is no Node: files come by `fetch`. */
import { type Contents, type Entry, entryOf } from './open-source.ts';

/** `from` and `load` where files come by `fetch`; a folder is relative to the page, or to the script of the worker. */
export function webEntry<C extends Contents>(contents: C): Entry<C> {
  return entryOf(contents, {
    resolve: (folder) => new URL(folder, globalThis.location?.href),
    read: (url, init) => fetch(url, init),
  });
}
