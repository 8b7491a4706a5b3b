/** What packages of one file export alike: errors, and the types of reading it. */
import type * as shared from './open-source.ts';

export { WeightsError } from './errors.ts';
export type { FileFacts, LoadOptions } from './open-source.ts';

/** Name of the file. */
export type WeightsFile = 'weights.safetensors';
/** Fetches the file by its name, e.g. from a table of addresses that a bundler made. */
export type FetchFile = shared.FetchFile<WeightsFile>;
/** How far a download is. */
export type LoadProgress = shared.LoadProgress<WeightsFile>;
/** Options of `from`. */
export type FromOptions = shared.FromOptions<WeightsFile>;
