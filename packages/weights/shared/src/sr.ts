/** What the packages of super-resolution export alike. */
import type * as shared from './open-source.ts';
import type { SrContents } from './sr-contents.ts';

export * from './one-file.ts';

/** What `createUpscaler` takes. */
export type SrWeights = shared.Weights<SrContents>;
/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source = shared.Source<SrContents>;
