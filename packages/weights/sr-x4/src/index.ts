/**
 * `@vqkit/weights-sr-x4`: the default weights of super-resolution ×4, trained on photographs with open licences
 * that were reduced by bicubic resampling.
 * This package only says what they are and reads their files; it imports nothing. This is its entry for Node; the same
 * exports for everything else are in `web.ts`, and `package.json` says who gets which.
 */
import { nodeEntry } from '../../shared/src/node.ts';
import type { SrContents } from '../../shared/src/sr-contents.ts';
import { files, manifest } from './exports.ts';

export * from './exports.ts';

/** `from` and `load` where files are on disk. */
export const { from, load } = nodeEntry<SrContents>({ name: 'sr', manifest, files });
