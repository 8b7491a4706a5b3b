/** `@vqkit/weights-photo/int8` in browsers and whatever is no Node: files come by `fetch`. The API is that of `int8.ts`. */
import { webEntry } from '../../shared/src/web.ts';
import { contents } from './int8-contents.ts';

export * from './int8-exports.ts';

/** `from` and `load` where files come by `fetch`; a folder is relative to the page, or to the script of the worker. */
export const { from, load } = webEntry(contents);
