/** What the packages of super-resolution export alike: errors, and the types of reading their one file. */
import type * as shared from './open-source.ts';

export { WeightsError } from './errors.ts';
export type { FileFacts, LoadOptions } from './open-source.ts';

/** Name of a file. */
export type WeightsFile = 'weights.safetensors';

/** Such a package, as the loader takes it. */
export interface SrContents extends shared.Contents {
  readonly manifest: {
    readonly id: string;
    readonly architecture: 'tvq-rap';
    readonly options: object;
    readonly quantizer: { readonly name: string; readonly options: object };
  };
  readonly files: Readonly<Record<WeightsFile, shared.FileFacts>>;
}

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
