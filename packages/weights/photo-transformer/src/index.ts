/**
 * `@vqkit/weights-photo-transformer`: weights of the index transformer for codes of `@vqkit/weights-photo`. They fill in what lost
 * packets take from a photo.
 * This package only says what they are and reads their files; it imports nothing. This is its entry for Node; the same
 * exports for everything else are in `web.ts`, and `package.json` says who gets which.
 */
import { nodeEntry } from '../../shared/src/node.ts';
import { contents } from './contents.ts';

export * from './exports.ts';

/** `from` and `load` where files are on disk. */
export const { from, load } = nodeEntry(contents);
