/** The package with small files as its loader takes it, and the types of that. */
import type * as shared from '../../shared/src/open-source.ts';
import { files, type WeightsFile } from './int8-files.ts';
import { manifest as exact } from './manifest.ts';

/** What these weights are: those of the main entry, id included, from another file. */
export const manifest = { ...exact, weights: 'weights-int8.safetensors' } as const;

/** The package, as the loader takes it. */
export const contents = { name: 'photo', manifest, files } as const;

type Own = typeof contents;

/** Fetches one file by its name, e.g. from a table of addresses that a bundler made. */
export type FetchFile = shared.FetchFile<WeightsFile>;
/** How far a download is. */
export type LoadProgress = shared.LoadProgress<WeightsFile>;
/** Options of `from`. */
export type FromOptions = shared.FromOptions<WeightsFile>;
/** What `createCodec` takes. */
export type PhotoWeights = shared.Weights<Own>;
/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source = shared.Source<Own>;
