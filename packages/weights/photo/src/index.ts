/**
 * `@vqkit/weights-photo`: the default weights of the codec, trained on photographs with open licences.
 * This package only says what they are and reads their files; it imports nothing. This is its entry for Node; the same
 * exports for everything else are in `web.ts`, and `package.json` says who gets which.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { entryOf } from './open-source.ts';

export * from './shared.ts';

/** `from` and `load` where files are on disk. */
export const { from, load } = entryOf({
  resolve: (folder) => (/^[a-z][a-z+]+:/i.test(folder) ? new URL(folder) : pathToFileURL(`${resolve(folder)}/`)),
  read: async (url, init) => (url.protocol === 'file:' ? new Uint8Array(await readFile(url, init)) : fetch(url, init)),
});
