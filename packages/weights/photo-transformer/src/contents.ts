/** The package as its loader takes it, and the types of that. */
import type * as shared from '../../shared/src/open-source.ts';
import { files } from './files.ts';
import { manifest } from './manifest.ts';

/** The package, as the loader takes it. */
export const contents = { name: 'transformer', manifest, files } as const;

type Own = typeof contents;

/** What `transformerConceal` takes. */
export type PhotoTransformerWeights = shared.Weights<Own>;
/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source = shared.Source<Own>;
