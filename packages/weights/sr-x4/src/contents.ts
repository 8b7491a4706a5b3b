/** The package as its loader takes it, and the types of that. */
import type * as shared from '../../shared/src/open-source.ts';
import { files, type WeightsFile } from './files.ts';
import { manifest } from './manifest.ts';

/** The package, as the loader takes it. */
export const contents = { name: 'sr', manifest, files } as const;

type Own = typeof contents;

/** Fetches one file by its name, e.g. from a table of addresses that a bundler made. */
export type FetchFile = shared.FetchFile<WeightsFile>;
/** How far a download is. */
export type LoadProgress = shared.LoadProgress<WeightsFile>;
/** Options of `from`. */
export type FromOptions = shared.FromOptions<WeightsFile>;
/** What `createUpscaler` takes. */
export type SrWeights = shared.Weights<Own>;
/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source = shared.Source<Own>;
