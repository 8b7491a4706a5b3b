/** `@vqkit/weights-photo-transformer` in browsers and whatever is no Node: files come by `fetch`. The API is that of `index.ts`. */
import { webEntry } from '../../shared/src/web.ts';
import { contents } from './contents.ts';

export * from './exports.ts';

/** `from` and `load` where files come by `fetch`; a folder is relative to the page, or to the script of the worker. */
export const { from, load } = webEntry(contents);
