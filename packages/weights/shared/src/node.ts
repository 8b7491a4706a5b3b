/** Weights in Node: files are read from disk, or from an address. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Contents, type Entry, entryOf } from './open-source.ts';

/** `from` and `load` where files are on disk; a folder is relative to the current one. */
export function nodeEntry<C extends Contents>(contents: C): Entry<C> {
  return entryOf(contents, {
    resolve: (folder) => (/^[a-z][a-z+]+:/i.test(folder) ? new URL(folder) : pathToFileURL(`${resolve(folder)}/`)),
    read: async (url, init) =>
      url.protocol === 'file:' ? new Uint8Array(await readFile(url, init)) : fetch(url, init),
  });
}
