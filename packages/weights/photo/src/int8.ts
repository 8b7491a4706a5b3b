/**
 * `@vqkit/weights-photo/int8`: the same weights for pages, half as large: filters are integers of 8 bits. The API is that of the main entry. Either reads
 * what the other wrote: indices mean the same codes. This is the entry for Node; `int8-web.ts` is that for everything else.
 */
import { nodeEntry } from '../../shared/src/node.ts';
import { contents } from './int8-contents.ts';

export * from './int8-exports.ts';

/** `from` and `load` where files are on disk. */
export const { from, load } = nodeEntry(contents);
