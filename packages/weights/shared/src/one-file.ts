/** What the packages of super-resolution export alike: errors, and the types of reading their one file. */
import type * as shared from './open-source.ts';
import type { SrContents, WeightsFile } from './sr-contents.ts';

export { WeightsError } from './errors.ts';
export type { FileFacts, LoadOptions } from './open-source.ts';
export type { WeightsFile } from './sr-contents.ts';

/** Fetches one file by its name, e.g. from a table of addresses that a bundler made. */
export type FetchFile = shared.FetchFile<WeightsFile>;
/** How far a download is. */
export type LoadProgress = shared.LoadProgress<WeightsFile>;
/** Options of `from`. */
export type FromOptions = shared.FromOptions<WeightsFile>;
/** What `createUpscaler` takes. */
export type SrWeights = shared.Weights<SrContents>;
/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source = shared.Source<SrContents>;
